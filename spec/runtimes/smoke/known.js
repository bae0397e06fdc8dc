/** The runtimes, in the order of the table in docs/platforms.md. */
export const runtimes = ['Chromium', 'Firefox', 'Node', 'Bun', 'Deno', 'workerd'];

const browsers = ['Chromium', 'Firefox'];

/**
 * What runtimes cannot do with their own fetch. A check that is listed must fail there, and every other must pass: the
 * runs of the checks say so otherwise. The table in docs/platforms.md is written from this one.
 */
export const known = [
  {
    runtimes: [...browsers, 'workerd'],
    checks: [
      'a refused connection: is told as phase connect',
      'an unknown host: is told as phase connect',
      'an unknown host: proves that nothing was sent',
    ],
    cannot: 'say that no connection was made',
    consequence: '`phase` is unset before the headers, and `sent` always: a POST is not repeated',
    instead: 'an `Idempotency-Key`',
  },
  {
    runtimes: [...browsers, 'Bun', 'workerd'],
    checks: ['a refused connection: proves that nothing was sent'],
    cannot: 'say which host refused a connection',
    consequence: '`sent` is unset, unless Bun does not follow redirects: a POST is not repeated',
    instead: 'an `Idempotency-Key`',
  },
  {
    runtimes: [...browsers, 'Deno', 'workerd'],
    checks: ['a refused connection: has an error code'],
    cannot: 'give error codes',
    consequence: 'the `cause` has a message and no code; in Deno `phase` is read from its words',
    instead: '`phase`, where it is set',
  },
  {
    runtimes: [...browsers, 'Deno', 'workerd'],
    checks: ['a cut before the headers: is told as phase headers'],
    cannot: 'say that a connection closed before the headers',
    consequence: '`phase` is unset; it is retried all the same',
    instead: '–',
  },
  {
    runtimes: ['Deno'],
    checks: ['a cut before the headers: is one request'],
    cannot: 'leave a request alone whose kept connection closes without an answer',
    consequence: 'Deno sends it a second time by itself, a POST as well',
    instead: 'an `Idempotency-Key`, `nodeFetch()`',
  },
  {
    runtimes: browsers,
    checks: ["redirect: 'error' is not retried", 'redirects: a loop is not retried'],
    cannot: "tell a redirect loop, or a redirect with `redirect: 'error'`, from a failed connection",
    consequence: 'they are retried',
    instead: '`shouldRetry`',
  },
  {
    runtimes: ['workerd'],
    checks: ["redirect: 'error' is not retried"],
    cannot: "take `redirect: 'error'`",
    consequence: 'its fetch throws a TypeError that says so',
    instead: "`redirect: 'manual'`",
  },
  {
    runtimes: ['Bun'],
    checks: ['redirects: a loop is not retried'],
    cannot: 'stop after 20 redirects',
    consequence: 'a loop is 127 requests; it is not retried',
    instead: "`redirect: 'manual'`",
  },
  {
    runtimes: browsers,
    checks: ["redirect: 'manual' emits the redirect"],
    cannot: 'show a redirect that is not followed',
    consequence: "the status is 0, without headers, and `type` is `'opaqueredirect'`",
    instead: 'another status for what is no redirect',
  },
  {
    runtimes: browsers,
    checks: ['a stream: arrives whole', 'an async iterable: is sent again by its factory'],
    cannot: 'send streams (Chromium: only over HTTP/2)',
    consequence: 'Chromium fails, and Firefox sends the text `[object ReadableStream]`',
    instead: 'a `Blob`',
  },
  {
    runtimes: [...browsers, 'Deno', 'workerd'],
    checks: ['a stream: is framed by the Content-Length that you give'],
    cannot: 'frame a stream by `Content-Length`',
    consequence: 'it is sent in chunks; its bytes are counted all the same',
    instead: 'a `Blob`; in workerd also its `FixedLengthStream`',
  },
  {
    runtimes: browsers,
    checks: ['withProgress: tells how much was sent'],
    cannot: 'report how much of an upload was sent',
    consequence: '`withProgress()` sends the body, and reports nothing',
    instead: '`XMLHttpRequest`, with Angular its `HttpClient`',
  },
  {
    runtimes: [...browsers, 'Node'],
    checks: ['gzip: a body that ends early is not taken for whole'],
    cannot: 'notice that a gzip body ends early, where its message is whole',
    consequence: 'its beginning passes for the whole, except for JSON',
    instead: '`undiciFetch()` in Node; [`download()`](streams.md#downloads) with `sha256`',
  },
  {
    runtimes: ['Firefox'],
    checks: ['what is no HTTP: is an HttpNetworkError'],
    cannot: 'recognize an answer that is no HTTP',
    consequence: 'it is a body with status 200',
    instead: 'a selector that validates, such as `json(schema)`',
  },
  {
    runtimes: ['Firefox'],
    checks: ['a cut body of an error: is told as truncated'],
    cannot: 'notice that a body is cut, of a status other than 2xx',
    consequence: '`truncated` of an HttpStatusError is `false`',
    instead: 'a `Content-Length`, for bodies that a selector reads',
  },
  {
    runtimes: ['Firefox'],
    checks: ['headers: come before the body begins'],
    cannot: 'tell the headers before the first byte of the body',
    consequence: 'a body that does not begin counts as silence before the headers',
    instead: 'a first byte soon, such as a comment among server-sent events',
  },
  {
    runtimes: browsers,
    checks: ['download: goes on into a file after a cut'],
    cannot: 'write files of Node',
    consequence: '`to` takes a web stream alone',
    instead: '`FileSystemWritableFileStream`',
  },
  {
    runtimes: browsers,
    checks: ['download: sha256 of a file is computed with node:crypto'],
    cannot: 'hash what is not in memory',
    consequence: '`download({ to, sha256 })` throws a TypeError that says so',
    instead: '`hash`, or no `to`',
    says: /requires hash on this platform/,
  },
  {
    runtimes: [...browsers, 'Bun', 'workerd'],
    checks: ['undiciFetch: sends'],
    cannot: 'run undici',
    consequence: '`undiciFetch()` throws a TypeError that says so; it is no module for browsers',
    instead: 'the own fetch; `nodeFetch()` in Bun and workerd',
    says: /undiciFetch\(\) cannot send here: (?:workerd|this runtime has a stub).*nodeFetch\(\)|modules of Node/,
  },
  {
    runtimes: browsers,
    checks: ['nodeFetch: sends'],
    cannot: 'run node-fetch',
    consequence: '`rxjs-retry-client/node` is no module for browsers',
    instead: 'the own fetch',
  },
];
