import { addIfMissing, hasHeader, type HeaderList } from '../header-list.js';
import type { OutgoingBody } from '../outgoing-body.js';

/** The headers that fetch sends unless the caller sets them. */
const DEFAULTS: HeaderList = ['accept', '*/*', 'user-agent', 'undici', 'accept-encoding', 'gzip, deflate, br'];

/**
 * Adds the headers that fetch sends to the caller's.
 *
 * @param list - the caller's headers without those of framing; it is changed
 * @param body - has the content type, and the length if undici cannot know it
 */
export function toRequestHeaders(list: HeaderList, body: OutgoingBody | undefined): HeaderList {
  if (body?.length !== undefined) list.push('content-length', String(body.length));
  if (list.length === 0 && body?.type === undefined) return [...DEFAULTS];
  if (body?.type !== undefined) addIfMissing(list, 'content-type', body.type);
  addIfMissing(list, 'accept', '*/*');
  addIfMissing(list, 'user-agent', 'undici');
  // A range of a compressed representation would not be the requested bytes.
  addIfMissing(list, 'accept-encoding', hasHeader(list, 'range') ? 'identity' : 'gzip, deflate, br');
  return list;
}
