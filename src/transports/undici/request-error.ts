import { isRefusedStream, provesUnsent } from '../../errors/proves-unsent.js';
import { readProperty } from '../../util/foreign-object.js';

/** The codes of a closed dispatcher, which would fail in the same way again. */
const PERMANENT_CODES = /^UND_ERR_(?:CLOSED|DESTROYED)$/;

function codeOf(error: unknown): string | undefined {
  const code = readProperty(error, 'code');
  if (typeof code === 'string') return code;
  // For a response that is not HTTP, undici's error lacks the parser's code.
  return readProperty(error, 'name') === 'HTTPParserError' ? 'HPE_INVALID' : undefined;
}

/**
 * Creates the error of a request that failed before its response, with the properties that other transports set. Each
 * request gets an error of its own: undici passes the same object to all requests that wait for a connection.
 *
 * @param isStarted - whether undici has started to send the request
 * @param isRedirected - whether another URL received the request before, and redirected it
 */
export function toRequestError(cause: unknown, isStarted: boolean, isRedirected: boolean): TypeError {
  const code = codeOf(cause);
  const error = Object.assign(new TypeError('the request failed', { cause }), code === undefined ? {} : { code });
  const isClosed = code !== undefined && PERMANENT_CODES.test(code);
  if (isClosed) Object.assign(error, { permanent: true });
  // Undici reports the start before it writes the first byte. A missing start alone proves nothing: a MockAgent never
  // starts, and may fail with any error. An HTTP/2 stream is refused after the start.
  if (!isStarted && (isClosed || provesUnsent(cause))) Object.assign(error, { syscall: 'connect', sent: isRedirected });
  else if (isStarted && isRefusedStream(cause)) Object.assign(error, { sent: isRedirected });
  return error;
}

/** Creates the error of a body that ended too early. */
export function toBodyError(cause: unknown): TypeError {
  return new TypeError('the body was cut off', { cause });
}
