import { readProperty } from './foreign-object.js';

/** Whether this is workerd, the runtime of Cloudflare's Workers. */
export function isWorkerd(): boolean {
  return readProperty(globalThis.navigator, 'userAgent') === 'Cloudflare-Workers';
}
