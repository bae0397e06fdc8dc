import { mutation } from './common.js';

export default mutation('gates', ['src/gates/**/*.ts', '!src/gates/when-online.ts', '!src/gates/connectivity.ts']);
