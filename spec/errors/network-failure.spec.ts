import { readNetworkFailure as ofBrowsers } from '../../src/errors/network-failure.browser.js';
import { readNetworkFailure as ofNode } from '../../src/errors/network-failure.js';

const url = 'http://a.test/';
const refused = {
  syscall: 'connect',
  code: 'ECONNREFUSED',
  address: '10.0.0.1',
  port: 80,
  message: 'connect ECONNREFUSED',
};

for (const [where, read] of [
  ['everywhere', (error: unknown) => ofNode(error, url, true)],
  ['in browsers', (error: unknown) => ofBrowsers(error)],
] as const) {
  describe(`The reading of a transport’s error, ${where},`, () => {
    it('summarizes its innermost causes', () => {
      expect(read(new TypeError('outer', { cause: new Error('inner') })).summary).toBe('inner');
      expect(read(new TypeError('outer', { cause: new Error('') })).summary).toBe('outer');
      expect(read(new AggregateError([new Error('one'), new Error('two'), new Error('one')], 'both')).summary).toBe(
        'one; two',
      );
      for (const nothing of [undefined, null, 'text', 7, {}]) expect(read(nothing).summary).toBeUndefined();
    });

    it('has the transport’s own sent and permanent', () => {
      const flagsOf = (fields: object) => {
        const { sent, permanent } = read(new Error('down', { cause: Object.assign(new Error('cause'), fields) }));
        return [sent, permanent];
      };

      expect(flagsOf({})).toEqual([undefined, undefined]);
      expect(flagsOf({ sent: false })).toEqual([false, undefined]);
      expect(flagsOf({ sent: true, ...refused, address: 'a.test' })).toEqual([undefined, undefined]);
      expect(flagsOf({ permanent: true })).toEqual([undefined, true]);
      expect(flagsOf({ sent: 'no', permanent: 'yes' })).toEqual([undefined, undefined]);
    });

    it('knows the failures of workerd by their words: they are no TypeErrors', () => {
      for (const message of ['Network connection lost.', 'internal error; reference = 8uf9lb18tmi74nl9e3e18jj9']) {
        expect(read(new Error(message)).isNetwork)
          .withContext(message)
          .toBeTrue();
      }
      expect(read(new Error('Network connection lost. Or so it seems')).isNetwork).toBeTrue();
      expect(read(new Error('It has lost: Network connection lost.')).isNetwork).toBeFalse();
      expect(read(new RangeError('Network connection lost.')).isNetwork).toBeFalse();
      expect(read(new Error('internal error; the tea is out')).isNetwork).toBeFalse();
      const { isNetwork, permanent } = read(new TypeError('Too many redirects.http://a.test/, http://a.test/'));
      expect([isNetwork, permanent]).toEqual([true, true]);
    });

    it('ends with causes that go in a circle', () => {
      const circle = new Error('round');
      circle.cause = circle;

      expect(read(circle).summary).toBe('round');
    });
  });
}

describe('The reading of an error of Node', () => {
  it('has no codes in browsers', () => {
    expect(ofNode(refused, 'http://10.0.0.1/', true)).toEqual({
      isNetwork: true,
      summary: 'connect ECONNREFUSED',
      phase: 'connect',
      sent: false,
      permanent: undefined,
      cause: refused,
    });
    expect(ofBrowsers(refused)).toEqual({
      isNetwork: false,
      summary: 'connect ECONNREFUSED',
      sent: undefined,
      permanent: undefined,
      cause: refused,
    });
  });
});

describe('The reading of an error of Node, Bun and Deno:', () => {
  const of = (error: unknown, follows = true, href = 'http://a.test/x', streamed = false) => {
    const { isNetwork, phase, sent, permanent } = ofNode(error, href, follows, streamed);
    return [isNetwork && 'network', phase, sent === false && 'unsent', permanent && 'permanent'].filter(
      (entry) => entry,
    );
  };
  const failed = (cause: unknown) => new TypeError('fetch failed', { cause });
  const coded = (code: string, fields: object = {}) => Object.assign(new Error(code), { code }, fields);

  it('codes of connections that broke', () => {
    for (const code of [
      'ECONNRESET',
      'EPIPE',
      'ETIMEDOUT',
      'UND_ERR_SOCKET',
      'UND_ERR_HEADERS_TIMEOUT',
      'HPE_INVALID_CONSTANT',
      'ERR_STREAM_PREMATURE_CLOSE',
      'ERR_HTTP2_STREAM_ERROR',
      'ConnectionClosed',
    ]) {
      expect(of(coded(code)))
        .withContext(code)
        .toEqual(['network', 'headers']);
    }
  });

  it('codes of connections that were not made, also without a system call', () => {
    for (const code of [
      'ECONNREFUSED',
      'EHOSTUNREACH',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ConnectionRefused',
      'FailedToOpenSocket',
      'UND_ERR_CONNECT_TIMEOUT',
    ]) {
      expect(of(coded(code)))
        .withContext(code)
        .toEqual(['network', 'connect']);
    }
    // Nothing can have been sent to another host before.
    for (const code of ['ECONNREFUSED', 'ConnectionRefused', 'ENOTFOUND']) {
      expect(of(coded(code), false))
        .withContext(code)
        .toEqual(['network', 'connect', 'unsent']);
    }
    expect(of(coded('ECONNREFUSED', { syscall: 'read' }))).toEqual(['network', 'headers']);
    expect(of(coded('ENOTFOUND', { syscall: 'getaddrinfo', hostname: 'a.test' }))).toEqual([
      'network',
      'connect',
      'unsent',
    ]);
    expect(of(coded('ENOTFOUND', { syscall: 'getaddrinfo', hostname: 'b.test' }))).toEqual(['network', 'connect']);
  });

  it('Deno’s messages', () => {
    const deno = (url: string, words: string) =>
      failed(new Error(`error sending request for url (${url}): client error (Connect): ${words}`));
    const refusedWords = 'tcp connect error: Connection refused (os error 111)';
    expect(of(deno('http://a.test/x', refusedWords))).toEqual(['network', 'connect', 'unsent']);
    expect(of(deno('http://b.test/', refusedWords))).toEqual(['network', 'connect']);
    expect(of(deno('http://a.test/x', 'dns error: failed to lookup address information'))).toEqual([
      'network',
      'connect',
      'unsent',
    ]);
    expect(
      of(
        failed(
          new Error(
            'error sending request from 127.0.0.1:1 for http://a.test/x (127.0.0.1:2): client error (SendRequest): connection closed',
          ),
        ),
      ),
    ).toEqual(['network']);
    expect(of(new TypeError('Fetch failed: Maximum number of redirects (20) reached'))).toEqual([
      'network',
      'permanent',
    ]);
    expect(of(new TypeError("Fetch failed: Encountered redirect while redirect mode is set to 'error'"))).toEqual([
      'network',
      'permanent',
    ]);
  });

  it('permanent failures: redirects that cannot be followed, schemes and ports that fetch refuses', () => {
    for (const words of [
      'redirect count exceeded',
      'unexpected redirect',
      'URL scheme must be a HTTP(S) scheme',
      'bad port',
      'cross origin not allowed for request mode "cors"',
      'too many content-encodings in response: 6, maximum allowed is 5',
      'integrity mismatch',
      'unknown scheme',
    ]) {
      expect(of(failed(new Error(words))))
        .withContext(words)
        .toContain('permanent');
    }
    for (const code of [
      'ERR_INVALID_URL',
      'TooManyRedirects',
      'UnexpectedRedirect',
      'RedirectURLInvalid',
      'CERT_HAS_EXPIRED',
    ]) {
      expect(of(failed(coded(code))))
        .withContext(code)
        .toContain('permanent');
    }
    // A stream that a redirect would have sent again.
    expect(of(failed(new Error('')), true, 'http://a.test/', true)).toEqual(['network', 'permanent']);
    expect(of(failed(new Error('')))).toEqual(['network']);
  });

  it('mistakes of the caller, which are no failures of the network', () => {
    for (const code of [
      'UND_ERR_INVALID_ARG',
      'UND_ERR_NOT_SUPPORTED',
      'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
      'ERR_HTTP_CONTENT_LENGTH_MISMATCH',
      'ERR_INVALID_ARG_VALUE',
      'ERR_INVALID_CHAR',
    ]) {
      expect(of(failed(coded(code))))
        .withContext(code)
        .not.toContain('network');
    }
  });

  it('a tunnel that a proxy refused, and a stream that a server of HTTP/2 did', () => {
    const proxy = (status: number) =>
      coded('UND_ERR_ABORTED', { message: `Proxy response (${status}) !== 200 when HTTP Tunneling` });
    expect(of(failed(proxy(407)), false)).toEqual(['network', 'connect', 'unsent', 'permanent']);
    expect(of(failed(proxy(502)), false)).toEqual(['network', 'connect', 'unsent']);
    expect(of(failed(proxy(502)))).toEqual(['network', 'connect']);
    const stream = coded('ERR_HTTP2_STREAM_ERROR', { message: 'Stream closed with error code NGHTTP2_REFUSED_STREAM' });
    expect(of(failed(stream), false)).toEqual(['network', 'headers', 'unsent']);
    expect(of(failed(stream))).toEqual(['network', 'headers']);
  });

  it('the messages of several addresses, each once', () => {
    const both = new AggregateError(
      [coded('connect ECONNREFUSED ::1:80'), coded('connect ECONNREFUSED 127.0.0.1:80')],
      '',
    );
    expect(ofNode(failed(both), url, true).summary).toBe(
      'connect ECONNREFUSED ::1:80; connect ECONNREFUSED 127.0.0.1:80',
    );
    expect(ofNode(failed(new AggregateError([], '')), url, true).summary).toBe('fetch failed');
  });
});
