import { describeHostile } from './describe-hostile.js';
import { answers, breaksOff, fails, isSilent, says, stalls, unsent } from './expectation.js';

describeHostile('Before a request is read', {
  refused: unsent,
  // The reset may arrive while the client is still connecting.
  'reset-on-accept': fails(['connect', 'headers'], { unsent: 'perhaps', requests: 0 }),
  'fin-on-accept': fails('headers', { requests: 0 }),
  'stall-on-accept': isSilent({ requests: 0 }),
  'self-signed-certificate': fails('connect', { unsent: 'perhaps', permanent: true, requests: 0 }),
  // After a reset, the client cannot know that there was no TLS yet.
  'reset-in-handshake': fails(['connect', 'headers'], { unsent: 'perhaps', requests: 0 }),
  'fin-in-handshake': fails('connect', { unsent: 'perhaps', requests: 0 }),
  // Undici, also in Node's fetch, aborts a connection attempt only by its own timeout of 10 s.
  'stall-in-handshake': isSilent({
    requests: 0,
    but: { fetch: isSilent({ requests: 0, lingers: true }), 'undiciFetch()': isSilent({ requests: 0, lingers: true }) },
  }),
  'http-on-https-url': fails('connect', { unsent: 'perhaps', requests: 0 }),
  'https-on-http-url': fails('headers', { requests: 0 }),
});

describeHostile('A connection that is cut', {
  'reset-amid-request': fails('headers'),
  'reset-after-request': fails('headers'),
  'fin-after-request': fails('headers'),
  'reset-in-status-line': fails('headers'),
  'fin-in-status-line': fails('headers'),
  'reset-in-headers': fails('headers'),
  'fin-in-headers': fails('headers'),
  'reset-after-headers': breaksOff,
  'fin-after-headers': breaksOff,
  'reset-in-body': breaksOff,
  'fin-in-body': breaksOff,
  'fin-after-unframed-body': answers(),
  'reset-in-chunk-size': breaksOff,
  'fin-in-chunk-size': breaksOff,
  'reset-in-chunk': breaksOff,
  'fin-in-chunk': breaksOff,
  'reset-before-last-chunk': breaksOff,
  'fin-before-last-chunk': breaksOff,
  'fin-in-last-chunk': breaksOff,
  'fin-after-trailers': answers(),
});

describeHostile('A connection that falls silent', {
  'stall-after-request': isSilent(),
  'stall-in-status-line': isSilent(),
  'stall-in-headers': isSilent(),
  'endless-interim': isSilent(),
  'stall-after-headers': stalls,
  'stall-in-body': stalls,
  'stall-in-chunk': stalls,
  'stall-before-last-chunk': stalls,
});

describeHostile('A slow connection whose pauses are shorter than the timeout', {
  dribble: answers({ slowly: true }),
  'dribble-chunked': answers({ slowly: true }),
});

describeHostile('An error status whose body cannot be read to its end', {
  'endless-503': says(503, 'does not end'),
  'silent-503': says(503, 'does not end'),
  'cut-503': says(503, 'breaks off'),
  'endless-404': says(404, 'does not end'),
  'silent-404': says(404, 'does not end'),
});

describeHostile('A malformed answer', {
  'no-http': fails('headers'),
  'bad-version': fails('headers'),
  'no-status': fails('headers'),
  'status-of-letters': fails('headers'),
  'nul-in-header': fails('headers'),
  'header-without-colon': fails('headers'),
  'huge-header': fails('headers'),
  'endless-headers': fails('headers'),
  'negative-content-length': fails('headers'),
  'conflicting-content-length': fails('headers'),
  'content-length-and-chunked': fails('headers'),
  'bad-chunk-size': breaksOff,
  'huge-chunk-size': breaksOff,
  'chunk-without-end': breaksOff,
  'unasked-response': answers(),
});

describeHostile('A content encoding', {
  gzip: answers(),
  'text-as-gzip': breaksOff,
  'cut-gzip': breaksOff,
  'damaged-gzip': breaksOff,
});

describeHostile('A status below 200, or without a body', {
  // Undici, also in Node's fetch, fails on an unrequested 100, against RFC 9110, section 15.2.
  'continue-first': answers({ but: { fetch: fails('headers'), 'undiciFetch()': fails('headers') } }),
  'early-hints-first': answers(),
  'many-interim-first': answers(),
  'interim-then-reset': fails('headers'),
  // Node's http client closes the connection without an error.
  'switching-protocols': fails('headers', { but: { 'nodeFetch()': isSilent() } }),
  'no-content': answers({ status: 204, body: '' }),
  'no-content-with-body': answers({ status: 204, body: '' }),
  'not-modified': answers({ status: 304, body: '' }),
  'not-modified-with-body': answers({ status: 304, body: '' }),
});

describeHostile('A redirect into failure', {
  'redirect-to-refused': fails('connect'),
  // Fetch does not follow a redirect to a URL with a password.
  'redirect-to-refused-with-password': fails(['connect', 'headers'], {
    but: { fetch: fails([undefined], { permanent: true }) },
  }),
  'redirect-to-reset': fails('headers', { requests: 2 }),
  'see-other-to-reset': fails('headers', { requests: 2 }),
  // Not every platform reports that there was an answer.
  'redirect-loop': fails(['headers', undefined], { requests: 21, permanent: true }),
  'redirect-to-bad-url': fails(['headers', undefined], { permanent: true }),
  'redirect-to-ftp': fails(['headers', undefined], { permanent: true }),
  'redirect-without-location': answers({ status: 302, body: '' }),
});

describeHostile('A connection that ends after a complete answer', {
  'fin-when-idle': answers(),
});
