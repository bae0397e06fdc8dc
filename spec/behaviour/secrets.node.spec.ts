import { inspect } from 'node:util';

import { concatMap, from, type Observable } from 'rxjs';

import {
  type AttemptEvent,
  type ClientOptions,
  constant,
  type HttpAttempt,
  HttpNetworkError,
  type Interceptor,
  json,
  logAttempts,
  RetryClient,
  text,
} from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { runInProcess, runAsProcess } from '../cli/run-command.js';
import { findSecret } from '../support/find-secret.js';
import { settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

/** The time limit of a spec on a busy machine, in ms. */
const PATIENCE = 120_000;

/** Texts that may appear in the sent requests only. */
const SECRETS = {
  user: 'agent-u5er',
  password: 'pa55-w0rd',
  basic: Buffer.from('agent-u5er:pa55-w0rd').toString('base64'),
  authorization: 'bearer-70ken',
  cookie: 'c00kie-jar',
  proxy: 'pr0xy-key',
  fresh: 'fre5h-70ken',
};
const all = Object.values(SECRETS);

const headers = {
  authorization: `Bearer ${SECRETS.authorization}`,
  cookie: `session=${SECRETS.cookie}`,
  'proxy-authorization': `Basic ${SECRETS.proxy}`,
};

/** Adds a token to each attempt, as an interceptor that signs requests does. */
const signing: Interceptor = (request, next) =>
  from(Promise.resolve()).pipe(
    concatMap(() => {
      const signed = new Headers(request.headers);
      signed.append('x-token', SECRETS.fresh);
      signed.append('authorization', SECRETS.fresh);
      return next({ ...request, headers: signed });
    }),
  );

function withCredentials(url: string): string {
  return url.replace('http://', `http://${SECRETS.user}:${SECRETS.password}@`);
}

/** Everything that requests report: events, log lines, values and errors. */
async function everythingReportedBy(
  options: ClientOptions,
  ask: (client: RetryClient) => readonly Observable<unknown>[],
): Promise<{ readonly reported: readonly unknown[]; readonly errors: readonly unknown[] }> {
  const client = new RetryClient({ strategy: { backoff: constant(0), attempts: 2 }, ...options });
  const reported: unknown[] = [];
  client.attempts$.subscribe({ next: (event: AttemptEvent<unknown, HttpAttempt>) => reported.push(event) });
  const note = (line: string): void => {
    reported.push(line);
  };
  client.attempts$.subscribe(logAttempts({ debug: note, info: note, warn: note, error: note }));
  const errors: unknown[] = [];
  for (const request$ of ask(client)) {
    const { values, ...end } = await settled(request$);
    reported.push(...values);
    if ('error' in end) errors.push(end.error);
  }
  client.close();
  return { reported, errors };
}

function expectNoSecret(values: readonly unknown[]): void {
  for (const value of values) {
    const where = findSecret(value, all);
    expect(where)
      .withContext(where === undefined ? '' : inspect(value, { depth: 4 }).slice(0, 400))
      .toBeUndefined();
    for (let cause: unknown = value; cause instanceof Error; cause = cause.cause) {
      for (const secret of all) {
        expect(`${cause.message} ${String(cause.stack)} ${String(cause)}`).not.toContain(secret);
      }
    }
  }
}

describe('reveals(), by which these specs search for a secret,', () => {
  it('finds it in strings, errors, causes, getters, hidden fields, maps, headers and symbols', () => {
    class Getter {
      get secret(): string {
        return `a${SECRETS.cookie}b`;
      }
    }
    const hidden = Object.defineProperty({}, 'hidden', { value: SECRETS.cookie, enumerable: false });
    const deep = { a: [{ b: new Map([['c', { d: SECRETS.cookie }]]) }] };
    for (const value of [
      SECRETS.cookie,
      new Error(SECRETS.cookie),
      new Error('', { cause: new Error(SECRETS.cookie) }),
      new Getter(),
      hidden,
      deep,
      new Headers(headers),
      { [Symbol()]: headers },
    ]) {
      expect(findSecret(value, [SECRETS.cookie])).toBeDefined();
    }
    expect(findSecret({ a: 'b' }, all)).toBeUndefined();
  });
});

describe('Secrets of a request', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());

  for (const [transport, fetch] of Object.entries({
    fetch: undefined,
    'node-fetch': nodeFetch(),
    undici: undiciFetch(),
  })) {
    for (const place of ['the client', 'the request', 'the URL', 'an interceptor'] as const) {
      it(
        `of ${place} are sent, and appear in no event, log line or error, over ${transport}`,
        async () => {
          const url = (key: string, steps: Parameters<TestServer['url']>[1]): string => {
            const plain = server.url(`${transport} ${place} ${key}`, steps);
            return place === 'the URL' ? withCredentials(plain) : plain;
          };
          const own = place === 'the request' ? { headers } : {};
          const { reported, errors } = await everythingReportedBy(
            {
              ...(fetch && { fetch }),
              ...(place === 'the client' && { headers, baseUrl: server.origin }),
              ...(place === 'an interceptor' && { interceptors: [signing] }),
            },
            (client) => [
              client.get(url('good', [{ status: 503 }, { body: 'fine' }]), { ...own, selector: text() }),
              client.get(url('bare', { body: 'fine' }), own),
              client.get(url('events', [{ status: 503 }, { json: 1 }]), { ...own, observe: 'attempts' }),
              client.get(url('bad', { status: 503, body: 'no' }), { ...own, selector: json() }),
              client.get(url('missing', { status: 404 }), { ...own, throwHttpErrors: true }),
              client.get(url('no json', { body: '<' }), { ...own, selector: json() }),
              client.get(url('cut', { cut: 'before-headers' }), own),
              client.get(url('cut in body', { cut: 'in-body' }), { ...own, selector: text() }),
              client.get(url('silent', { stall: 'headers' }), { ...own, timeout: 20 }),
              client.get(url('too long', { stall: 'headers' }), { ...own, totalTimeout: 20 }),
              client.get(url('aborted', { stall: 'headers' }), { ...own, signal: AbortSignal.timeout(20) }),
              client.get(url('around', { redirect: '/__test/' }), own),
              client.get(place === 'the URL' ? withCredentials(server.refusedUrl) : server.refusedUrl, own),
              client.get(place === 'the URL' ? withCredentials('http://none.invalid/') : 'http://none.invalid/', own),
              client.post(url('post', { status: 503 }), { a: 1 }, own),
              client.requests([{ url: url('listed', { status: 500 }), ...own }]),
            ],
          );
          const [sent] = await server.requests(`${transport} ${place} good`);
          expect(all.filter((secret) => JSON.stringify(sent?.headers).includes(secret)).length).toBeGreaterThan(0);
          expect(errors.length).toBeGreaterThanOrEqual(8);
          expectNoSecret(reported);
          expectNoSecret(errors);
        },
        PATIENCE,
      );
    }
  }

  it(
    'in a URL that cannot be fetched appear in no event, log line or error',
    async () => {
      const { user, password } = SECRETS;
      const urls = [
        `http://${user}:${password}@`,
        `http://${user}:${password}@host:99999/`,
        `http://${user}:${password}@[::1/`,
        `http:///${user}:${password}@/x`,
        `http://${user}:${password}@a b/`,
        // `me` is parsed as the scheme here, so it is not a user name.
        `me:${password}@example.com`,
        `//${user}:${password}@a.test/`,
        `\t http://${user}:${password}@a:b:c/`,
        `http://${user}:${password}@127.0.0.1:1/`,
        `ftp://${user}:${password}@a.test/`,
        `http://${user}:pa/${password}@a:x/`,
        `HTTP:\\\\${user}:${password}@a:x/`,
        `http://${user}:${encodeURIComponent(`${password}@`)}@none.invalid/`,
      ];
      for (const options of [
        {},
        { baseUrl: server.origin },
        { baseUrl: [server.origin, withCredentials(server.otherOrigin)] },
        { fetch: nodeFetch() },
        { fetch: undiciFetch() },
      ]) {
        const { reported, errors } = await everythingReportedBy({ ...options, timeout: 2_000 }, (client) =>
          urls.map((url) => client.get(url)),
        );
        expect(errors.length).toBeGreaterThanOrEqual(8);
        expectNoSecret(reported);
        expectNoSecret(errors);
      }
    },
    PATIENCE,
  );

  it('in invalid options appear in no error about them', () => {
    const { user, password, authorization } = SECRETS;
    const refused = (call: () => unknown): void => {
      let thrown: unknown;
      try {
        call();
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(Error);
      expectNoSecret([thrown]);
    };
    refused(() => new RetryClient({ baseUrl: `http://${user}:${password}@a:b` }));
    refused(() => new RetryClient({ baseUrl: ['http://a.test', `http://${user}:${password}@a b/`] }));
    refused(() => new RetryClient({ headers: { authorization: `Bearer ${authorization}\u0100` } }));
    refused(() => new RetryClient({ headers: [['authorization', `Bearer ${authorization}\n${authorization}`]] }));
    refused(() => new RetryClient().get('http://a.test/', { headers: { cookie: `${authorization}\0` } }));
    refused(() =>
      new RetryClient().requests([
        { url: 'http://a.test/', headers: { authorization: `${authorization}\r\n` + authorization } },
      ]),
    );
    refused(() => new RetryClient({ headers: `authorization: ${authorization}` as unknown as Record<string, string> }));
  });

  it('in the URL that a transport’s error names do not appear in the network error', async () => {
    const { reported, errors } = await everythingReportedBy(
      { fetch: (url) => Promise.reject(new TypeError(`Failed to fetch ${url}`)) },
      (client) => [client.get(withCredentials('http://a.test/'))],
    );
    expect(errors[0]).toBeInstanceOf(HttpNetworkError);
    expectNoSecret([...reported, ...errors]);
  });

  describe('on the command line', () => {
    const given = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);

    it(
      'are sent, and appear in no output',
      async () => {
        for (const form of [['--json'], [], ['--quiet']]) {
          const key = (name: string): string => `cli ${form.join()} ${name}`;
          const quick = ['--backoff', 'constant', '--initial', '1ms', '--attempts', '2', ...form];
          const urls = [
            server.url(key('good'), [{ status: 503 }, { body: 'fine' }]),
            server.url(key('bad'), { status: 500, body: 'no' }),
            server.url(key('cut'), { cut: 'before-headers' }),
            server.refusedUrl,
            'http://none.invalid/',
            'http://host:99999/',
            'http://a b/',
          ];
          for (const url of urls) {
            const { stdout, stderr } = await runInProcess(['get', withCredentials(url), ...given, ...quick]).catch(
              (error: unknown) => ({ stdout: String(error), stderr: '' }),
            );
            for (const secret of all) expect(`${String(stdout)} ${stderr}`).not.toContain(secret);
          }
          // The authorization header takes precedence over the credentials in the URL.
          expect((await server.requests(key('good')))[0]?.headers).toEqual(
            jasmine.objectContaining({ authorization: headers.authorization, cookie: headers.cookie }),
          );
        }
      },
      PATIENCE,
    );

    it(
      'appear in no output of a process, also when its arguments are invalid',
      async () => {
        const bad = withCredentials(server.url('spawned', { status: 503, body: 'no' }));
        const runs = await Promise.all([
          runAsProcess(
            'get',
            bad,
            withCredentials(server.refusedUrl),
            ...given,
            '--json',
            '--attempts',
            '2',
            '--initial',
            '1ms',
          ),
          runAsProcess('get', bad, ...given, '--attempts', '0'),
          runAsProcess('get', bad, '-H', `authorization: ${SECRETS.authorization}\u0100`),
          runAsProcess('get', '--base-url', withCredentials('http://a:b/'), 'x'),
        ]);
        for (const { code, stdout, stderr } of runs) {
          expect(code).not.toBe(0);
          expect(stderr).not.toBe('');
          for (const secret of all) expect(`${stdout.toString()} ${stderr}`).not.toContain(secret);
        }
      },
      PATIENCE,
    );
  });
});
