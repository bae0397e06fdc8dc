import { mutation } from './common.js';

export default mutation('operator', [
  'src/{run,trial,stage,ask,pacing,strategy,retry-after,http-like,cycle,retry-with-strategy}.ts',
  'src/backoff/*.ts',
]);
