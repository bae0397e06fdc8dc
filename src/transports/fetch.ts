import type { Transport } from './transport.js';

/**
 * The platform's own fetch, looked up for each call: a mock or an instrumentation may replace it after this is loaded.
 */
export const platformFetch: Transport = (url, init) => globalThis.fetch(url, init);
