import { mutation } from './common.js';

export default mutation('operator', [
  'src/retry/*.ts',
  '!src/retry/{log-attempts,failure-reason}.ts',
  'src/retry/backoff/*.ts',
  'src/http/{http-like,retry-after}.ts',
]);
