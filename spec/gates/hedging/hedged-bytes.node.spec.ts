import { nodeFetch } from '../../../src/transports/node-fetch.js';
import { undiciFetch } from '../../../src/transports/undici.js';
import { describeHedges } from './hedge-cases.js';

describeHedges('nodeFetch()', () => nodeFetch());
describeHedges('undiciFetch()', () => undiciFetch());
