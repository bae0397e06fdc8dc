import { inspect } from 'node:util';

import { NEVER } from 'rxjs';

import {
  type AttemptEvent,
  type ClientOptions,
  constant,
  type HttpAttempt,
  HttpNetworkError,
  HttpStatusError,
  HttpTimeoutError,
  json,
  RetryClient,
  text,
} from '../../src/index.js';
import { network } from '../support/scripted-network.js';
import { failureOf } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

/** Text that is safe in a line of a log, or on a screen. */
const MOST = 4_000;

const MEGABYTE = 'abcdefghij'.repeat(100_000);

/** Every form in which an error gets into a log. */
function printed(error: unknown): Readonly<Record<string, string>> {
  const { message, stack } = error as Error;
  return {
    message,
    stack: String(stack),
    string: String(error),
    inspected: inspect(error),
    'inspected in an array': inspect([error]),
    JSON: JSON.stringify(error),
    'JSON in an object': JSON.stringify({ level: 'error', error }),
  };
}

/** Without the stack's frames, which are the platform's and the program's. */
function withoutFrames(words: string): string {
  return words
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n');
}

function expectReadable(error: unknown): void {
  for (const [how, words] of Object.entries(printed(error))) {
    expect(withoutFrames(words).length)
      .withContext(`${how}: ${words.slice(0, 500)}…`)
      .toBeLessThan(MOST);
    expect(words).withContext(how).not.toContain('[object Object]');
  }
  // A log parses this again.
  expect(JSON.parse(JSON.stringify(error))).toEqual(
    jasmine.objectContaining({ name: (error as Error).name, message: (error as Error).message }),
  );
}

/** The final error of a request of three attempts, and its last event. */
async function failing(
  options: ClientOptions & {
    readonly url: string;
    readonly method?: string;
    readonly body?: object;
    readonly reads?: boolean;
  },
): Promise<{ readonly error: unknown; readonly event: AttemptEvent<unknown, HttpAttempt> }> {
  const { url, method = 'GET', body, reads, ...rest } = options;
  const client = new RetryClient({ strategy: { attempts: 3, backoff: constant(0) }, ...rest });
  let event: AttemptEvent<unknown, HttpAttempt> | undefined;
  client.attempts$.subscribe({ next: (latest) => (event = latest) });
  const error = await failureOf(
    client.request(method, url, { body, throwHttpErrors: true, ...(reads && { selector: text() }) } as object),
  );
  return { error, event: event! };
}

describe('The message of an error names the method, the URL, the failure, its phase and the attempt:', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());

  /** The URL without secrets. */
  const redacted = (url: string): string => url.replace(/\/\/.*@/, '//');

  it('a refused connection', async () => {
    const url = server.refusedUrl.replace('//', '//me:pa55@');
    const { error } = await failing({ url });
    expect((error as Error).message).toMatch(
      /^GET http:\/\/127\.0\.0\.1:\d+\/: connect ECONNREFUSED 127\.0\.0\.1:\d+, in phase connect \(attempt 3 of 3\)$/,
    );
    expect(redacted(url)).toBe((error as HttpNetworkError).request.url);
    expect((error as Error).cause).toEqual(jasmine.objectContaining({ message: 'fetch failed' }));
    expectReadable(error);
  });

  it('a name that is not known', async () => {
    const { error } = await failing({ url: 'http://none.invalid/x' });
    expect((error as Error).message).toMatch(
      /^GET http:\/\/none\.invalid\/x: getaddrinfo E\w+ none\.invalid, in phase connect \(attempt 3 of 3\)$/,
    );
    expectReadable(error);
  });

  it('a connection that was cut before it answered', async () => {
    const url = server.url('cut', { cut: 'before-headers' });
    const { error } = await failing({ url });
    expect((error as Error).message).toContain(`GET ${url}: `);
    expect((error as Error).message).toMatch(/, in phase headers \(attempt 3 of 3\)$/);
    expect((error as Error).message).not.toContain('fetch failed');
    expectReadable(error);
  });

  it('a body that broke off', async () => {
    const url = server.url('body', { cut: 'in-body' });
    const { error } = await failing({ url, reads: true });
    expect((error as Error).message).toContain(`GET ${url}: `);
    expect((error as Error).message).toMatch(/: [^:]+, in phase body \(attempt 3 of 3\)$/);
    expect((error as Error).cause).toBeInstanceOf(Error);
    expectReadable(error);
  });

  it('a status', async () => {
    const url = server.url('status', { status: 503, bytes: MEGABYTE.length });
    const { error } = await failing({ url, method: 'PUT', body: { a: MEGABYTE } });
    expect((error as Error).message).toBe(`PUT ${url}: 503 Service Unavailable (attempt 3 of 3)`);
    expectReadable(error);
  });

  it('a POST that was not tried again', async () => {
    const url = server.url('post', { status: 503 });
    const { error } = await failing({ url, method: 'post' });
    expect((error as Error).message).toBe(`POST ${url}: 503 Service Unavailable (attempt 1 of 3)`);
  });

  it('silence, and too long a time in all', async () => {
    const interceptors = [() => NEVER];
    const silent = await failing({ url: 'http://a.test/', timeout: 5, interceptors });
    expect((silent.error as Error).message).toBe(
      'GET http://a.test/: no data received for 5 ms (timeout) (attempt 3 of 3)',
    );
    expectReadable(silent.error);
    const late = await failing({ url: 'http://a.test/', totalTimeout: 5, interceptors });
    expect((late.error as Error).message).toBe(
      'GET http://a.test/: not completed within 5 ms (totalTimeout) (attempt 1 of 3)',
    );
    expectReadable(late.error);
  });

  it('a URL that leads nowhere', async () => {
    const { error } = await failing({ url: 'http://me:pa55@host:99999/' });
    expect((error as Error).message).toBe(
      'GET http://host:99999/: the URL does not parse, in phase connect (attempt 1 of 3)',
    );
    expectReadable(error);
  });

  it('an error without an end to its attempts', async () => {
    const { error } = await failing({
      url: 'http://a.test/',
      interceptors: [network(404).interceptor],
      strategy: { attempts: Infinity },
    });
    expect((error as Error).message).toBe('GET http://a.test/: 404 (attempt 1)');
    expect(JSON.stringify(error)).toContain('"number":1');
    expectReadable(error);
  });
});

describe('An error stays readable', () => {
  const circle: Record<string, unknown> = { name: 'a circle' };
  circle.itself = circle;
  const giants: Readonly<Record<string, object>> = {
    'a giant text': { text: MEGABYTE },
    'very many things': Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key ${n}`, { n }])),
    'a circle': circle,
    'a big number': { big: 10n ** 100n },
  };

  const url = 'http://a.test/';
  const refusing = (attempt: HttpAttempt, cause: unknown): readonly Error[] => [
    new HttpNetworkError({ attempt, cause }),
    new HttpNetworkError({ attempt, cause, summary: MEGABYTE, phase: 'body' }),
    new HttpTimeoutError({ attempt, scope: 'attempt', limit: 1, cause }),
    new HttpStatusError({
      attempt,
      response: new Response(MEGABYTE, { status: 500, statusText: 'x'.repeat(100_000), headers: { a: MEGABYTE } }),
      cause,
    }),
  ];
  const attempt: HttpAttempt = { number: 1, of: 3, requestId: 'r', startedAt: 0, method: 'GET', url, context: {} };

  for (const [what, context] of Object.entries(giants)) {
    it(`whatever the context: ${what}`, () => {
      for (const error of refusing({ ...attempt, context: context as HttpAttempt['context'] }, undefined)) {
        expectReadable(error);
      }
    });

    it(`whatever lies beneath: ${what}`, () => {
      for (const error of refusing(attempt, context)) {
        const { inspected: _, 'inspected in an array': __, ...rest } = printed(error);
        for (const [how, words] of Object.entries(rest)) {
          expect(withoutFrames(words).length).withContext(how).toBeLessThan(MOST);
        }
      }
    });
  }

  it('whatever another’s error beneath it says', () => {
    for (const error of refusing(attempt, new Error(MEGABYTE, { cause: new Error(MEGABYTE) }))) {
      expect(error.message.length).toBeLessThan(MOST);
      expect(JSON.stringify(error).length).toBeLessThan(MOST);
      expect(JSON.stringify(error)).toContain('abcdefghij');
    }
  });

  it('whatever the URL: a data: URL of a megabyte', async () => {
    const broken = `data:application/json,${MEGABYTE}`;
    const client = new RetryClient({ strategy: { attempts: 2, backoff: constant(0) } });
    const refusal = await failing({ url: `data:nonsense;base64,!${MEGABYTE}` });
    for (const error of [
      refusal.error,
      await failureOf(
        client.get(broken, {
          selector: () => Promise.reject(new HttpNetworkError({ attempt: { ...attempt, url: broken } })),
        } as object),
      ),
    ]) {
      const { cause } = error as Error;
      expect(JSON.stringify(error).length).toBeLessThan(MOST);
      expect((error as Error).message.length).toBeLessThan(MOST);
      expect(withoutFrames(inspect(error)).length)
        .withContext(`the cause: ${inspect(cause).slice(0, 200)}`)
        .toBeLessThan(MOST);
    }
  });

  it('whatever the URL: a giant query, and one that does not parse', async () => {
    const interceptors = [network(500).interceptor];
    for (const giant of [
      `${url}?q=${MEGABYTE}`,
      `http://${MEGABYTE}:99999/`,
      `${url}#${MEGABYTE}`,
      `http://me:${MEGABYTE}@a:b/`,
    ]) {
      expectReadable((await failing({ url: giant, interceptors })).error);
    }
    const params = { q: MEGABYTE };
    expectReadable((await failing({ url, params, interceptors })).error);
  });

  it('whatever the body that was sent, or the one that came', async () => {
    const interceptors = [
      network(() => new Response(MEGABYTE, { status: 500, headers: { 'x-giant': MEGABYTE } })).interceptor,
    ];
    expectReadable((await failing({ url, method: 'PUT', body: { a: MEGABYTE }, interceptors })).error);
    expectReadable((await failing({ url, reads: true, interceptors })).error);
  });

  it('whatever a malformed body says of itself', async () => {
    const client = new RetryClient({ interceptors: [network(() => new Response(MEGABYTE)).interceptor] });
    const error = await failureOf(client.get(url, { selector: json() }));
    expect(error).toBeInstanceOf(Error);
    expect(withoutFrames(inspect(error)).length).toBeLessThan(MOST);
  });

  it('whatever a server gives as its reason, line breaks and all', () => {
    const error = new HttpNetworkError({ attempt, summary: 'one\ntwo\u001b[31m' });
    expectReadable(error);
    expect(JSON.stringify(error)).not.toContain('\n');
  });

  it('in an event too, whose error it is', async () => {
    const { event } = await failing({ url, interceptors: [network(503).interceptor] });
    expect(JSON.stringify(event).length).toBeLessThan(MOST);
    expect(JSON.stringify(event)).toContain('503');
    expect(withoutFrames(inspect(event)).length).toBeLessThan(2 * MOST);
  });
});
