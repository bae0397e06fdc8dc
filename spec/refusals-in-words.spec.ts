import { concat, throwError, timer } from 'rxjs';

import {
  constant,
  cycle,
  decorrelatedJitter,
  exponential,
  fibonacci,
  fullJitter,
  jitter,
  list,
  random,
  RetryClient,
  retryWithStrategy,
  type ResumableSelector,
  type RetryStrategy,
} from '../src/index.js';
import { inVirtualTime, watch } from './support/marbles.js';
import { network } from './support/scripted-network.js';

const client = new RetryClient({ interceptors: [network(200).interceptor] });
const url = 'http://a.test/';
const strategy = (fields: object) => () => retryWithStrategy(fields as RetryStrategy);

/** What is passed, and the whole sentence that refuses it. */
const refusals: readonly (readonly [call: () => unknown, sentence: string])[] = [
  [strategy({ attempts: '3' }), "TypeError: strategy.attempts must be a whole number of at least 1, or Infinity, not '3'"],
  [strategy({ attempts: 0 }), 'RangeError: strategy.attempts must be a whole number of at least 1, or Infinity, not 0'],
  [strategy({ resetOnSuccess: 1 }), 'TypeError: strategy.resetOnSuccess must be true or false, not 1'],
  [strategy({ methods: 'GET' }), "TypeError: strategy.methods must be an array, each item the name of a method, not 'GET'"],
  [strategy({ methods: ['GET', ''] }), "RangeError: strategy.methods[1] must be the name of a method, not ''"],
  [strategy({ errors: Error }), 'TypeError: strategy.errors must be an array, each item a class of errors, not a function'],
  [strategy({ rotation: 'up' }), "RangeError: strategy.rotation must be 'cycle' or 'hold', not 'up'"],
  [strategy([]), 'TypeError: strategy must be an object of options, not an array of 0'],
  [
    strategy({ retries: 3 }),
    'TypeError: strategy.retries is no option; there are attempts, backoff, methods, statuses, retryAllServerErrors, errors, shouldRetry, maxRetryAfter, rotation, random, resetOnSuccess',
  ],
  [() => retryWithStrategy({}, 'attempts' as never), "TypeError: config must be an object of options, not 'attempts'"],
  [() => retryWithStrategy({}, { observe: 'all' as 'value' }), "RangeError: config.observe must be 'value' or 'attempts', not 'all'"],
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
  [() => client.requests({ url } as never), 'TypeError: params must be an array of at least one { method, url, headers, body … }, not an object'],
  [() => client.requests([]), 'RangeError: params must be an array of at least one { method, url, headers, body … }, not an array of 0'],
  [() => client.requests([{ url }, { url, method: '' }]), "TypeError: params[1].method must be an HTTP method such as 'GET', not ''"],
  [() => client.requests([{ url: 7 as never }]), 'TypeError: params[0].url must be a string, a URL, or an array of these, not 7'],
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
  [() => client.request('GET', url, { body: 'a' }), 'TypeError: body must be absent from a GET request; QUERY or POST can have one'],
  [
    () => client.post(url, 7 as never),
    'TypeError: body must be what fetch takes, an object or array for JSON, or a factory of these, not 7',
  ],
  [() => new RetryClient({ baseUrl: 'http://me:secret@' }), "RangeError: baseUrl must be an absolute URL, or one relative to the page, not 'http://'"],
];

describe('What is refused is told in a sentence:', () => {
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

  it('what shouldRetry, backoff and a selector return in the course of a run, too', () => {
    const down = throwError(() => new Error('down'));
    const resumable = (reading: object): ResumableSelector<unknown> => ({ open: () => reading as never });
    const failing = () => concat(timer(1), throwError(() => new TypeError('terminated')));
    inVirtualTime(({ flush }) => {
      const lines: string[] = [];
      const told = (error: unknown): void => void lines.push(String(error));
      down.pipe(retryWithStrategy({ shouldRetry: () => 'yes' as never })).subscribe({ error: told });
      down.pipe(retryWithStrategy({ backoff: () => -1 })).subscribe({ error: told });
      client.get(url, { selector: resumable({}), strategy: { shouldRetry: () => true } }).subscribe({ error: told });
      client.get(url, { selector: resumable({ select: failing, delay: () => -1 }), strategy: { shouldRetry: ({ kind }) => kind === 'error' } }).subscribe({ error: told });
      flush();
      expect(lines).toEqual([
        "TypeError: what strategy.shouldRetry returns must be true, false, undefined, or an ObservableInput of these, not 'yes'",
        'RangeError: what strategy.backoff returns must be a finite number of at least 0, not -1',
        "TypeError: what the selector's open returns must be an object with select(response, attempt), not an object",
        "RangeError: what the selector's delay returns must be a finite number of at least 0, not -1",
      ]);
    });
  });

  it('a URL that can go nowhere, in the stream', () => {
    const based = new RetryClient({ baseUrl: 'http://a.test/', interceptors: [network(200).interceptor] });
    const lines: string[] = [];
    for (const bad of ['http://', 'me:secret@example.com']) watch(client.get(bad), String, lines);
    watch(based.get('//b.test/'), String, lines);
    expect(lines.map((line) => line.replace(/^.*?error: /, ''))).toEqual([
      'GET http://: the URL does not parse, in phase connect (attempt 1 of 3)',
      'GET me:example.com: the URL cannot be fetched, in phase connect (attempt 1 of 3)',
      'GET //b.test/: a relative URL must not name a host, in phase connect (attempt 1 of 3)',
    ]);
  });
});
