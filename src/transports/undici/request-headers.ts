import { addIfMissing, hasHeader, type HeaderList } from '../header-list.js';
import type { OutgoingBody } from '../outgoing-body.js';

/** What fetch sends unless the caller says otherwise. */
const DEFAULTS: HeaderList = ['accept', '*/*', 'user-agent', 'undici', 'accept-encoding', 'gzip, deflate, br'];

/**
 * Adds what fetch sends to the caller's headers.
 *
 * @param list - the caller's, without those of framing; it is filled up
 * @param body - brings its type, and its length where undici does not know that
 */
export function toRequestHeaders(list: HeaderList, body: OutgoingBody | undefined): HeaderList {
  if (body?.length !== undefined) list.push('content-length', String(body.length));
  if (list.length === 0 && body?.type === undefined) return [...DEFAULTS];
  if (body?.type !== undefined) addIfMissing(list, 'content-type', body.type);
  addIfMissing(list, 'accept', '*/*');
  addIfMissing(list, 'user-agent', 'undici');
  // A part of what is compressed is not what was asked for.
  addIfMissing(list, 'accept-encoding', hasHeader(list, 'range') ? 'identity' : 'gzip, deflate, br');
  return list;
}
