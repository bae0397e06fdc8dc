import type { Transport } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';

/**
 * All transports in Node. `make` creates one with connections of its own, except for the platform's fetch, which shares
 * its connections.
 */
export const transports = [
  { name: 'fetch', make: () => undefined },
  { name: 'nodeFetch()', make: () => nodeFetch() },
  { name: 'undiciFetch()', make: () => undiciFetch() },
] as const satisfies readonly { readonly name: string; readonly make: () => Transport | undefined }[];

export type TransportName = (typeof transports)[number]['name'];
