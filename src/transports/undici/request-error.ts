import { isRefusedStream, provesUnsent } from '../../errors/network-failure.js';
import { readProperty } from '../../util/foreign-object.js';

/** What would fail in the same way again: a dispatcher that was closed. */
const PERMANENT_CODES = /^UND_ERR_(?:CLOSED|DESTROYED)$/;

function codeOf(error: unknown): string | undefined {
  const code = readProperty(error, 'code');
  if (typeof code === 'string') return code;
  // Undici forgets the code of an answer that is no HTTP.
  return readProperty(error, 'name') === 'HTTPParserError' ? 'HPE_INVALID' : undefined;
}

/**
 * What a request fails with that got no answer: an error of its own, since undici hands the same one to all that wait for a connection, marked
 * as the errors of other transports are.
 *
 * @param isStarted - whether undici began to send it
 * @param isRedirected - whether it was sent to another URL before, which has received it
 */
export function toRequestError(cause: unknown, isStarted: boolean, isRedirected: boolean): TypeError {
  const code = codeOf(cause);
  const error = Object.assign(new TypeError('the request failed', { cause }), code === undefined ? {} : { code });
  const isClosed = code !== undefined && PERMANENT_CODES.test(code);
  if (isClosed) Object.assign(error, { permanent: true });
  // Undici says that it starts before it writes the first byte. That alone proves nothing: a mock fails as it likes, and never starts. A
  // stream of HTTP/2 is refused after the start.
  if (!isStarted && (isClosed || provesUnsent(cause))) Object.assign(error, { syscall: 'connect', sent: isRedirected });
  else if (isStarted && isRefusedStream(cause)) Object.assign(error, { sent: isRedirected });
  return error;
}

/** What a body fails with that breaks off. */
export function toBodyError(cause: unknown): TypeError {
  return new TypeError('the body was cut off', { cause });
}
