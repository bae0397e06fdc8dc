/** What would fail in the same way again: headers that cannot be sent, a dispatcher that was closed. */
const PERMANENT = /^UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED|CLOSED|DESTROYED)$/;

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Undici forgets the code of an answer that is no HTTP.
  return error.name === 'HTTPParserError' ? 'HPE_INVALID' : undefined;
}

/**
 * What a request fails with that got no answer: an error of its own, since undici hands the same one to all that wait for a connection, marked
 * as the errors of other transports are.
 *
 * @param started - whether undici began to send it
 * @param redirected - whether it was sent to another URL before, which has received it
 */
export function unanswered(cause: unknown, started: boolean, redirected: boolean): TypeError {
  const code = codeOf(cause);
  const error = Object.assign(new TypeError('the request failed', { cause }), code === undefined ? {} : { code });
  // Undici says so before it writes the first byte: until then there was no connection, or none that was ready.
  if (!started) Object.assign(error, { syscall: 'connect', sent: redirected });
  if (code !== undefined && PERMANENT.test(code)) Object.assign(error, { permanent: true });
  return error;
}

/** What a body fails with that breaks off. */
export function brokenOff(cause: unknown): TypeError {
  return new TypeError('the body was cut off', { cause });
}
