import { mutation } from './common.js';

export default mutation('operator', [
  'src/{run,ask,pacing,strategy,retry-after,http-like,cycle,holds,retry-with-strategy}.ts',
  'src/backoff/*.ts',
]);
