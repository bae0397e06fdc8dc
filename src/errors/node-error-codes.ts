/** What failed, as far as an error code shows it. */
export type ErrorCodeKind =
  | 'certificate'
  | 'handshake'
  | 'connectTimeout'
  | 'name'
  | 'refused'
  | 'unreachable'
  | 'timeout'
  | 'reset'
  | 'closed'
  | 'connection'
  | 'argument'
  | 'url'
  | 'redirect';

/**
 * The codes of Node and libuv, OpenSSL, Node's HTTP parser and undici, and Bun's own names. The patterns overlap where
 * codes begin alike: `ERR_TLS_CERT_…` matches `handshake` too, and `UND_ERR_…` matches `connection`.
 *
 * Bundlers for browsers leave this file out with network-failure (`browser` in package.json), since browsers have no
 * such codes.
 *
 * @see {@link https://nodejs.org/api/errors.html#nodejs-error-codes | Node.js error codes}
 * @see {@link https://github.com/nodejs/undici/blob/main/docs/docs/api/Errors.md | Errors of undici}
 */
export const NODE_ERROR_CODES: Readonly<Record<ErrorCodeKind, RegExp>> = {
  /** A certificate was rejected. */
  certificate:
    /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH)/,
  /** A TLS handshake failed, with the server or (`UND_ERR_PRX_TLS`) with a proxy. */
  handshake: /^(?:EPROTO$|ERR_SSL_|ERR_TLS_|UND_ERR_PRX_TLS$)/,
  /** undici's limit for the connection and its TLS handshake together: the code does not show which was late. */
  connectTimeout: /^UND_ERR_CONNECT_TIMEOUT$/,
  /** A name was not resolved. */
  name: /^(?:ENOTFOUND|EAI_\w+|DNSResolveFailed)$/,
  refused: /^(?:ECONNREFUSED|ConnectionRefused)$/,
  /** No connection could be made to a host or its network. */
  unreachable: /^(?:E(?:HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|ADDRNOTAVAIL)|FailedToOpenSocket)$/,
  /** A connection or a response took too long. */
  timeout: /^(?:ETIMEDOUT|ERR_SOCKET_CONNECTION_TIMEOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT)$/,
  reset: /^(?:ECONNRESET|ConnectionReset)$/,
  /** A connection was closed too early; `ECONNABORTED` by the system itself, in Windows. */
  closed: /^(?:ECONNABORTED|EPIPE|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_SOCKET|ConnectionClosed)$/,
  /** Every other failure of a connection. */
  connection:
    /^(?:E(?:SOCKETTIMEDOUT|NETRESET|MFILE|NFILE|NOBUFS)|HPE_\w+|ERR_(?:HTTP2_\w+|SOCKET_\w+|NETWORK)|UND_ERR_\w+|Timeout)$/,
  /** The caller passed a value that cannot be sent. */
  argument:
    /^(?:ERR_(?:INVALID_(?:ARG_\w+|CHAR|HTTP_TOKEN|PROTOCOL)|HTTP_(?:INVALID_HEADER_VALUE|TRAILER_INVALID|CONTENT_LENGTH_MISMATCH)|UNESCAPED_CHARACTERS)|UND_ERR_(?:INVALID_ARG|NOT_SUPPORTED|REQ_CONTENT_LENGTH_MISMATCH))$/,
  /** A URL does not parse. */
  url: /^ERR_INVALID_URL$/,
  /** Bun's names for a redirect that cannot be followed: to an invalid URL, without end, or not allowed. */
  redirect: /^(?:TooManyRedirects|UnexpectedRedirect|RedirectURLInvalid|UnsupportedRedirectProtocol)$/,
};
