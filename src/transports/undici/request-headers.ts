import { addMissing, hasHeader, type HeaderList } from '../framing.js';
import type { OutgoingBody } from '../outgoing-body.js';

/** What fetch sends unless the caller says otherwise. */
const DEFAULTS: HeaderList = ['accept', '*/*', 'user-agent', 'undici', 'accept-encoding', 'gzip, deflate, br'];

/**
 * Adds what fetch sends to the caller's headers.
 *
 * @param list - the caller's, without those of framing; it is filled up
 * @param body - brings its type, and its length where undici does not know that
 */
export function requestHeaders(list: HeaderList, body: OutgoingBody | undefined): HeaderList {
  if (body?.length !== undefined) list.push('content-length', String(body.length));
  if (list.length === 0 && body?.type === undefined) return [...DEFAULTS];
  if (body?.type !== undefined) addMissing(list, 'content-type', body.type);
  addMissing(list, 'accept', '*/*');
  addMissing(list, 'user-agent', 'undici');
  // A part of what is compressed is not what was asked for.
  addMissing(list, 'accept-encoding', hasHeader(list, 'range') ? 'identity' : 'gzip, deflate, br');
  return list;
}
