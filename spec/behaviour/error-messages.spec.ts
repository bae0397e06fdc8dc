import { concat, type Observable, of, throwError, timer } from 'rxjs';

import {
  type AttemptRequest,
  constant,
  cycle,
  decorrelatedJitter,
  exponential,
  fibonacci,
  fullJitter,
  type Interceptor,
  jitter,
  list,
  random,
  RetryClient,
  retryWithStrategy,
  type ResumableSelector,
  type RetryStrategy,
  type Transport,
} from '../../src/index.js';
import { watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const client = new RetryClient({ interceptors: [network(200).interceptor] });
const url = 'http://a.test/';
const inNode = typeof process === 'object';
const strategy = (fields: object) => () => retryWithStrategy(fields as RetryStrategy);

/** Calls with an invalid argument, each with the complete text of its error. */
const refusals: readonly (readonly [call: () => unknown, sentence: string])[] = [
  [
    strategy({ attempts: '3' }),
    "TypeError: strategy.attempts must be a whole number of at least 1, or Infinity, not '3'",
  ],
  [strategy({ attempts: 0 }), 'RangeError: strategy.attempts must be a whole number of at least 1, or Infinity, not 0'],
  [strategy({ resetOnSuccess: 1 }), 'TypeError: strategy.resetOnSuccess must be true or false, not 1'],
  [
    () => new RetryClient({ interceptors: [,] as never }),
    'TypeError: interceptors[0] must be a function, not undefined',
  ],
  [
    strategy({ methods: 'GET' }),
    "TypeError: strategy.methods must be an array, each item the name of a method, not 'GET'",
  ],
  [strategy({ methods: ['GET', ''] }), "RangeError: strategy.methods[1] must be the name of a method, not ''"],
  [
    strategy({ errors: Error }),
    'TypeError: strategy.errors must be an array, each item a class of errors, not a function',
  ],
  [strategy({ rotation: 'up' }), "RangeError: strategy.rotation must be 'cycle' or 'hold', not 'up'"],
  [strategy([]), 'TypeError: strategy must be an object of options, not an array of 0'],
  [
    strategy({ retries: 3 }),
    'TypeError: unknown option "strategy.retries"; known options: attempts, backoff, methods, statuses, retryAllServerErrors, errors, shouldRetry, maxRetryAfter, rotation, random, resetOnSuccess, gates, hedge',
  ],
  [() => retryWithStrategy({}, 'attempts' as never), "TypeError: config must be an object of options, not 'attempts'"],
  [
    () => retryWithStrategy({}, { observe: 'all' as 'value' }),
    "RangeError: config.observe must be 'value' or 'attempts', not 'all'",
  ],
  ...[decorrelatedJitter, exponential, fibonacci, random].map(
    (backoff) => [() => backoff(7 as never), 'TypeError: options must be an object of options, not 7'] as const,
  ),
  [() => fullJitter(7 as never), 'TypeError: backoff must be a function, not 7'],
  [() => constant(-1), 'RangeError: ms must be a finite number of at least 0, not -1'],
  [() => list('1, 2' as never), "TypeError: delays must be an array of at least one delay in ms, not '1, 2'"],
  [() => list([]), 'RangeError: delays must be an array of at least one delay in ms, not an array of 0'],
  [() => list([1, -2]), 'RangeError: delays[1] must be a finite number of at least 0, not -2'],
  [() => random({ min: 5, max: 4 }), 'RangeError: max must be at least min, which is 5, not 4'],
  [() => jitter({ interval: -1 }), 'RangeError: interval must be a finite number of at least 0, not -1'],
  [() => cycle('ab' as never), "TypeError: items must be an array of at least one item, not 'ab'"],
  [() => cycle([]), 'RangeError: items must be an array of at least one item, not an array of 0'],
  [() => cycle([1], 'up' as 'hold'), "RangeError: rotation must be 'cycle' or 'hold', not 'up'"],
  [() => client.request('GE T', url), "TypeError: method must be an HTTP method such as 'GET', not 'GE T'"],
  [() => client.get([]), 'RangeError: url must be at least one URL, not an array of 0'],
  [() => client.get(7 as never), 'TypeError: url must be a string, a URL, or an array of these, not 7'],
  [() => client.get([url, 7 as never]), 'TypeError: url[1] must be a string, a URL, or an array of these, not 7'],
  [
    () => client.requests({ url } as never),
    'TypeError: params must be an array of at least one { method, url, headers, body … }, not an object',
  ],
  [
    () => client.requests([]),
    'RangeError: params must be an array of at least one { method, url, headers, body … }, not an array of 0',
  ],
  [
    () => client.requests([{ url }, { url, method: '' }]),
    "TypeError: params[1].method must be an HTTP method such as 'GET', not ''",
  ],
  [
    () => client.requests([{ url: 7 as never }]),
    'TypeError: params[0].url must be a string, a URL, or an array of these, not 7',
  ],
  [() => client.requests([7 as never]), 'TypeError: params[0] must be an object of options, not 7'],
  [
    () => client.requests([{ url, headers: 'a: b' as never }]),
    'TypeError: params[0].headers must be an object, Headers, or an array of [name, value] pairs, not a string',
  ],
  [
    () => client.requests([{ url, params: { a: {} as never } }]),
    'TypeError: params[0].params.a must be a string, a number, true, false, or an array of these, not an object',
  ],
  [
    () => client.get(url, { params: 7 as never }),
    'TypeError: params must be an object, an array of [name, value] pairs, a string or URLSearchParams, not 7',
  ],
  [
    () => client.get(url, { params: [['a']] as never }),
    'TypeError: params must be an object, an array of [name, value] pairs, a string or URLSearchParams, not an array of 1',
  ],
  [
    () => client.get(url, { headers: [['a']] as never }),
    'TypeError: headers must be an object, Headers, or an array of [name, value] pairs, not an array of 1',
  ],
  [
    () => client.get(url, { headers: { 'a b': 'secret' } }),
    "TypeError: headers.a b must be a header's name with a text that can be sent, or undefined",
  ],
  [
    () => client.requests([{ url, headers: [['x-name', 'Łucja']] }]),
    'TypeError: params[0].headers.x-name has the character U+0141 (Ł), which no header can carry: encode the value, as encodeURIComponent() does',
  ],
  [
    () => client.get(url, { params: new Map([['a', '1']]) as never }),
    'TypeError: params must be an object, an array of [name, value] pairs, a string or URLSearchParams, not an object',
  ],
  [
    () => client.request('GET', url, { body: 'a' }),
    'TypeError: body must be absent from a GET request; QUERY or POST can have one',
  ],
  [
    () => client.post(url, 7 as never),
    'TypeError: body must be what fetch takes, an object or array for JSON, or a factory of these, not 7',
  ],
  [
    () => new RetryClient({ baseUrl: 'http://me:secret@' }),
    "RangeError: baseUrl must be an absolute URL, or one relative to the page, not 'http://'",
  ],
];

describe('The message of an error', () => {
  refusals.forEach(([call, sentence], index) => {
    it(`${String(index + 1)}. ${sentence}`, () => {
      let thrown: unknown;
      try {
        call();
      } catch (error) {
        thrown = error;
      }
      expect(String(thrown)).toBe(sentence);
    });
  });

  it('names what shouldRetry, backoff or a selector returned during a run', () => {
    const down = throwError(() => new Error('down'));
    const resumable = (reading: object): ResumableSelector<unknown> => ({ open: () => reading as never });
    const failing = () =>
      concat(
        timer(1),
        throwError(() => new TypeError('terminated')),
      );
    inVirtualTime(({ flush }) => {
      const lines: string[] = [];
      const addError = (error: unknown): void => void lines.push(String(error));
      down.pipe(retryWithStrategy({ shouldRetry: () => 'yes' as never })).subscribe({ error: addError });
      down.pipe(retryWithStrategy({ backoff: () => -1 })).subscribe({ error: addError });
      client
        .get(url, { selector: resumable({}), strategy: { shouldRetry: () => true } })
        .subscribe({ error: addError });
      client
        .get(url, {
          selector: resumable({ select: failing, delay: () => -1 }),
          strategy: { shouldRetry: ({ kind }) => kind === 'error' },
        })
        .subscribe({ error: addError });
      flush();
      expect(lines).toEqual([
        "TypeError: what strategy.shouldRetry returns must be true, false, undefined, or an ObservableInput of these, not 'yes'",
        'RangeError: what strategy.backoff returns must be a finite number of at least 0, not -1',
        "TypeError: what the selector's open returns must be an object with select(response, attempt), not an object",
        "RangeError: what the selector's delay returns must be a finite number of at least 0, not -1",
      ]);
    });
  });

  it('says why a URL cannot be fetched', () => {
    const based = new RetryClient({ baseUrl: 'http://a.test/', interceptors: [network(200).interceptor] });
    const lines: string[] = [];
    for (const bad of ['http://', 'https://[/', 'me:secret@example.com']) watch(client.get(bad), String, lines);
    watch(based.get('//b.test/'), String, lines);
    expect(lines.map((line) => line.replace(/^.*?error: /, ''))).toEqual([
      'GET http://: the URL does not parse, in phase connect (attempt 1 of 3)',
      'GET https://[/: the URL does not parse, in phase connect (attempt 1 of 3)',
      'GET me:example.com: the URL cannot be fetched, in phase connect (attempt 1 of 3)',
      'GET //b.test/: a relative URL must not name a host, in phase connect (attempt 1 of 3)',
    ]);
  });

  if (inNode) {
    it('says that a relative URL has no baseUrl, outside a page', () => {
      const lines: string[] = [];
      for (const relative of ['users/1', '/users', '?a=1', '', '//b.test/']) watch(client.get(relative), String, lines);
      expect(lines.map((line) => line.replace(/^.*?error: /, ''))).toEqual(
        ['users/1', '/users', '?a=1', '', '//b.test/'].map(
          (shown) => `GET ${shown}: the URL is relative, and there is no baseUrl, in phase connect (attempt 1 of 3)`,
        ),
      );
    });
  }

  it('names an interceptor by its index and name, and the transport, when they give no Response', async () => {
    const pass: Interceptor = (request, next) => next(request);
    const forgetful = ((request: AttemptRequest, next: (request: AttemptRequest) => unknown) =>
      void next(request)) as unknown as Interceptor;
    const promising = (async (request: AttemptRequest, next: (request: AttemptRequest) => Observable<Response>) => {
      await only(next(request));
    }) as unknown as Interceptor;
    const messageFor = async (interceptors: unknown[], fetch?: unknown) =>
      String(
        await failureOf(
          new RetryClient({
            interceptors: interceptors as Interceptor[],
            fetch: (fetch ?? (() => Promise.resolve(new Response()))) as Transport,
          }).get(url),
        ),
      );

    expect(await messageFor([forgetful])).toBe(
      'TypeError: what interceptors[0] (forgetful) returns must be an Observable of a Response, not undefined',
    );
    expect(await messageFor([pass, () => undefined])).toBe(
      'TypeError: what interceptors[1] returns must be an Observable of a Response, not undefined',
    );
    expect(await messageFor([pass, () => new Response()])).toBe(
      'TypeError: what interceptors[1] returns must be an Observable of a Response, not an object',
    );
    expect(await messageFor([pass, pass, promising, pass])).toBe(
      'TypeError: what interceptors[2] (promising) emits must be a Response, not undefined',
    );
    expect(await messageFor([() => of('text')])).toBe(
      "TypeError: what interceptors[0] emits must be a Response, not 'text'",
    );
    expect(await messageFor([pass], () => Promise.resolve())).toBe(
      'TypeError: what the transport gives must be a Response, not undefined',
    );
    expect(await messageFor([], () => Promise.resolve())).toBe(
      'TypeError: what the transport gives must be a Response, not undefined',
    );
    const fails = () => {
      throw new TypeError('of its own');
    };
    expect(await messageFor([fails])).toBe('TypeError: of its own');
  });

  it('has the Retry-After and maxRetryAfter in seconds when the first is longer', async () => {
    const asking = (headers: Record<string, string>, strategy?: RetryStrategy) =>
      new RetryClient({
        strategy,
        throwHttpErrors: true,
        interceptors: [() => of(new Response(null, { status: 503, statusText: 'Service Unavailable', headers }))],
      });
    const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
    const later = 'Sun, 06 Nov 1994 10:49:37 GMT';
    const why = ': the server asks for a longer wait than maxRetryAfter';

    expect(String(await failureOf(asking({ 'retry-after': '3600' }).get(url)))).toBe(
      `HttpStatusError: GET ${url}: 503 Service Unavailable, with a Retry-After of 3600 s; maxRetryAfter is 60 s (attempt 1 of 3)${why}`,
    );
    expect(String(await failureOf(asking({ 'retry-after': later, date }, { maxRetryAfter: 1_500 }).get(url)))).toBe(
      `HttpStatusError: GET ${url}: 503 Service Unavailable, with a Retry-After of 7200 s; maxRetryAfter is 1.5 s (attempt 1 of 3)${why}`,
    );
    expect(String(await failureOf(asking({ 'retry-after': '3600' }, { attempts: 1 }).get(url)))).toBe(
      `HttpStatusError: GET ${url}: 503 Service Unavailable (attempt 1 of 1): no attempt is left`,
    );
  });

  it('shows an OpenSSL error in one line', async () => {
    const error = Object.assign(new Error('00A:error:0A000126:SSL routines::unexpected eof:ssl/record.c:657:\n\n'), {
      code: 'ERR_SSL_UNEXPECTED_EOF',
    });
    const failing = new RetryClient({
      strategy: { attempts: 1 },
      fetch: () => Promise.reject(new TypeError('fetch failed', { cause: error })),
    });
    expect(((await failureOf(failing.get(url))) as Error).message).toMatch(
      /: 00A:error:0A000126:SSL routines::unexpected eof:ssl\/record\.c:657:(?:, in phase connect)? \(attempt 1 of 1\)$/,
    );
  });
});
