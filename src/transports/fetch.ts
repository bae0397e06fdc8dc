import type { Transport } from './transport.js';

/** The platform's own fetch, looked up when it is needed, so that what replaces it later (a mock, an instrumentation) is used. */
export const platformFetch: Transport = (url, init) => globalThis.fetch(url, init);
