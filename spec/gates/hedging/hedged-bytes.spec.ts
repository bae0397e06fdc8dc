import { describeHedges } from './hedge-cases.js';

describeHedges('fetch', () => undefined);
