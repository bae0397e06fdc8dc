import { type ErrorFields, flattenErrorChain } from './error-chain.js';
import { type ErrorCodeKind, NODE_ERROR_CODES } from './node-error-codes.js';

/** A connection was not made: no other failure has these codes. */
const CONNECT_KINDS: readonly ErrorCodeKind[] = ['name', 'refused', 'unreachable'];
const HANDSHAKE_KINDS: readonly ErrorCodeKind[] = ['handshake', 'connectTimeout'];

/** undici's message for a proxy that refused the tunnel, with the proxy's status. */
const PROXY_RESPONSE = /^Proxy response \((\d+)\)/;
/** The name or code of the HTTP/2 error with which a server refuses a stream before it has processed the request. */
const REFUSED_STREAM = /NGHTTP2_REFUSED_STREAM|ERR_HTTP2_STREAM_REFUSED/;
/** Deno's message for a connection that was not made, with the URL of the request. */
const DENO_CONNECT_ERROR =
  /^error sending request (?:from \S+ )?for (?:url \()?(\S+?)\)?(?: \(\S+\))?: client error \(Connect\)/;

export function isOfKind(code: unknown, kinds: readonly ErrorCodeKind[]): boolean {
  return kinds.some((kind) => NODE_ERROR_CODES[kind].test(String(code)));
}

/** Returns the status with which a proxy refused the tunnel, if undici's message says so. */
export function proxyStatusOf(message: unknown): string | undefined {
  return PROXY_RESPONSE.exec(String(message))?.[1];
}

/** Returns the URL to which no connection was made, if Deno's message says so. */
export function denoUrlOf(message: unknown): string | undefined {
  return DENO_CONNECT_ERROR.exec(String(message))?.[1];
}

/** Whether an error is about a connection that was not made, over which nothing can have been sent. */
export function isConnectFailure({ syscall, code, message }: ErrorFields): boolean {
  if (syscall !== undefined && syscall !== null) return syscall === 'connect' || syscall === 'getaddrinfo';
  return isOfKind(code, CONNECT_KINDS) || proxyStatusOf(message) !== undefined || denoUrlOf(message) !== undefined;
}

export function isHandshakeFailure({ code, message }: ErrorFields): boolean {
  return isOfKind(code, HANDSHAKE_KINDS) || String(message).includes('before secure TLS connection');
}

/**
 * Whether an error proves that its request was not sent: the connection, the TLS handshake or the proxy's tunnel
 * failed.
 */
export function provesUnsent(error: unknown): boolean {
  return flattenErrorChain(error).some(
    (fields) =>
      isConnectFailure(fields) || isHandshakeFailure(fields) || NODE_ERROR_CODES.certificate.test(String(fields.code)),
  );
}

/**
 * Whether an HTTP/2 server refused the stream, which guarantees that it has not processed the request.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9113#section-8.7 | RFC 9113, section 8.7}
 */
export function isRefusedStream(error: unknown): boolean {
  return flattenErrorChain(error).some(({ code, message }) =>
    REFUSED_STREAM.test(`${String(code)} ${String(message)}`),
  );
}
