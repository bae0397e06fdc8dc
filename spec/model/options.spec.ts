import * as fc from 'fast-check';
import { take, throwError } from 'rxjs';

import {
  type Backoff,
  type ClientOptions,
  constant,
  cycle,
  decorrelatedJitter,
  equalJitter,
  exponential,
  fibonacci,
  fullJitter,
  jitter,
  list,
  random,
  type RequestOptions,
  RetryClient,
  retryWithStrategy,
  type RetryStrategy,
} from '../../src/index.js';
import { inSteps } from '../support/virtual-steps.js';

/** Anything that a mistaken caller may pass, things that cannot be made a string of included. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.anything({
    withNullPrototype: true,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
  fc.constantFrom<unknown>(
    0,
    -1,
    -0,
    NaN,
    Infinity,
    -Infinity,
    1.5,
    1e308,
    '',
    'x',
    '1',
    null,
    true,
    false,
    Symbol('s'),
    10n,
    [],
    {},
    [[]],
    [null],
    () => 1,
    'a'.repeat(1000),
  ),
  fc.constant(Object.create(null)),
  fc.constant({
    toString: () => {
      throw new Error('No string.');
    },
  }),
);

/** Some of these fields, each with something right, or with anything. */
function someOf(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([name, right]) => [
        name,
        fc.oneof({ weight: 2, arbitrary: right }, { weight: 1, arbitrary: junk }, fc.constant(undefined)),
      ]),
    ),
    { requiredKeys: [] },
  );
}

const withAttempts = Object.assign(() => 1, { attempts: 4 }) as Backoff;
const badAttempts = Object.assign(() => 1, { attempts: 0 }) as Backoff;

const strategy = someOf({
  attempts: fc.constantFrom(1, 2, Infinity),
  backoff: fc.constantFrom(constant(0), withAttempts, badAttempts),
  methods: fc.constantFrom([], ['GET'], ['']),
  statuses: fc.constantFrom([], [500], [1.5]),
  retryAllServerErrors: fc.boolean(),
  errors: fc.constantFrom([], [Error]),
  shouldRetry: fc.constant(() => undefined),
  maxRetryAfter: fc.constantFrom(0, 1, Infinity),
  rotation: fc.constantFrom('cycle', 'hold', 'bounce'),
  random: fc.constant(() => 0.5),
  resetOnSuccess: fc.boolean(),
});

const common = {
  headers: fc.constantFrom<unknown>({ a: 'b' }, [['a', 'b']], new Headers(), { 'a b': 'c' }, { a: 'ü\n' }),
  params: fc.constantFrom<unknown>({ a: 1 }, 'a=1', new URLSearchParams(), [['a', 'b']]),
  context: fc.constant({ user: 1 }),
  throwHttpErrors: fc.boolean(),
  timeout: fc.constantFrom<unknown>(1, Infinity, false),
  totalTimeout: fc.constantFrom<unknown>(1, false),
  signal: fc.constantFrom<unknown>(null, AbortSignal.abort(), new AbortController().signal),
  strategy,
};
const clientOptions = someOf({
  ...common,
  fetch: fc.constant(() => Promise.resolve(new Response())),
  baseUrl: fc.constantFrom<unknown>(
    'http://a.test/',
    new URL('http://a.test'),
    ['http://a.test', 'http://b.test'],
    ['http://'],
  ),
  interceptors: fc.constantFrom<unknown>([], [() => throwError(() => new Error())]),
});
const requestOptions = someOf({
  ...common,
  body: fc.constantFrom<unknown>('text', { a: 1 }, [1], null, new Uint8Array(2), () => 'text'),
  selector: fc.constantFrom<unknown>(() => [], { open: () => ({ select: () => [] }) }, { open: 1 }),
  observe: fc.constantFrom('value', 'attempts', 'all'),
});

/** What an error says; it must be a TypeError or RangeError that is not as long as what was passed. */
function saidBy(error: unknown): string {
  if (!(error instanceof TypeError) && !(error instanceof RangeError)) {
    throw new Error('Neither a TypeError nor a RangeError', { cause: error });
  }
  if (error.message.length > 1000) throw new Error(`${error.message.length} characters of message`, { cause: error });
  return error.message;
}

/** The field that a message begins with, or, where it begins with one that was left at its default, another that it speaks of. */
function namedIn(message: string, fields: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(fields);
  const [first] = names.filter((name) => message.startsWith(name)).sort((one, other) => other.length - one.length);
  return first ?? names.find((name) => name !== '' && message.includes(` ${name}, which is`));
}

function without(fields: Readonly<Record<string, unknown>>, gone: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== gone));
}

/**
 * Passes the options; whatever is refused by name is taken away, until they are taken. So a message that names the wrong field, or
 * none, is found out.
 */
function mended(options: Readonly<Record<string, unknown>>, pass: (options: Record<string, unknown>) => void): void {
  let left: Record<string, unknown> = { ...options };
  for (;;) {
    try {
      pass(left);
      return;
    } catch (error) {
      const message = saidBy(error);
      const { strategy: inner } = left;
      const isInner = message.startsWith('strategy.') && typeof inner === 'object' && inner !== null;
      const fields = isInner ? (inner as Record<string, unknown>) : left;
      const name = namedIn(isInner ? message.slice('strategy.'.length) : message, fields);
      if (name === undefined) {
        throw new Error(`“${String(error)}” names none of [${Object.keys(fields).join(', ')}]`, { cause: error });
      }
      left = isInner ? { ...left, strategy: without(fields, name) } : without(left, name);
    }
  }
}

/** Passes one argument; it is taken, or refused by one of these names. */
function refusedAs(names: readonly string[], call: () => unknown): void {
  try {
    call();
  } catch (error) {
    const message = saidBy(error);
    if (!names.some((name) => message.startsWith(name))) {
      throw new Error(`“${message}” does not begin with ${names.join(' or ')}`, { cause: error });
    }
  }
}

describe('Whatever the options,', () => {
  it('a strategy is taken, or refused by the name of the field that is wrong', () => {
    fc.assert(
      fc.property(strategy, (options) => {
        mended({ strategy: options }, ({ strategy: left }) => {
          const operator = retryWithStrategy<number>(left as RetryStrategy);
          // What was taken works: it may fail, but in the stream.
          inSteps(
            () => {
              throwError(() => new Error())
                .pipe(operator, take(3))
                .subscribe({ error: () => undefined });
            },
            (step) => step > 20,
          );
        });
      }),
      { numRuns: 300 },
    );
  });

  it('a strategy that is no bag of fields is refused as such, and so is a field that there is not', () => {
    fc.assert(
      fc.property(junk, (value) => {
        refusedAs(['strategy'], () => retryWithStrategy(value as RetryStrategy));
      }),
      { numRuns: 200 },
    );
  });

  it("a client's options are taken, or refused by name", () => {
    fc.assert(
      fc.property(clientOptions, (options) => {
        mended(options, (left) => new RetryClient(left));
      }),
      { numRuns: 400 },
    );
  });

  it("an extension's options are taken, or refused by name", () => {
    const parent = new RetryClient({ params: { a: 1 }, headers: { a: 'b' }, strategy: { attempts: 2 } });
    fc.assert(
      fc.property(clientOptions, (options) => {
        mended(options, (left) => parent.extend(left));
      }),
      { numRuns: 200 },
    );
  });

  it("a request's options are taken, or refused by name", () => {
    const client = new RetryClient({ baseUrl: 'http://a.test/' });
    fc.assert(
      fc.property(requestOptions, (options) => {
        mended(options, (left) => {
          void client.request('PUT', 'x', left as RequestOptions);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('a method, a URL, a body and a list of wordings are taken, or refused by name', () => {
    const client = new RetryClient();
    const wording = someOf({
      method: fc.constant('PUT'),
      url: fc.constant('http://a.test/'),
      headers: common.headers,
      params: common.params,
      body: fc.constant('x'),
    });
    fc.assert(
      fc.property(
        junk,
        junk,
        junk,
        fc.oneof(fc.array(wording, { maxLength: 3 }), junk),
        (method, url, body, params) => {
          refusedAs(['method'], () => client.request(method as string, 'http://a.test/'));
          refusedAs(['url'], () => client.get(url as string));
          refusedAs(['body'], () => client.post('http://a.test/', body as string));
          refusedAs(['options'], () => new RetryClient(junkObject(method)));
          refusedAs(['options'], () => client.get('http://a.test/', junkObject(url)));
          refusedAs(['params', 'body'], () => client.requests(params as []));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('no number is taken that there is no sense in', () => {
    const below = (least: number): fc.Arbitrary<number> =>
      fc.oneof(
        fc.constantFrom(NaN, -Infinity),
        fc.double({ max: least, noNaN: true }).filter((value) => value < least),
      );
    const unmeasured = fc.oneof(below(0), fc.constant(Infinity));
    const limit = fc.oneof(below(0), fc.constant(0));
    const attempts = fc.oneof(
      below(1),
      fc.double({ min: 1, max: 1e9, noNaN: true }).filter((value) => !Number.isInteger(value)),
    );
    const refuses = (name: string, call: () => unknown): void => {
      expect(call)
        .withContext(name)
        .toThrowError(RangeError, new RegExp(`^(?:strategy\\.)?${name}`));
    };
    fc.assert(
      fc.property(unmeasured, limit, attempts, below(1), below(0), (ms, most, count, factor, longest) => {
        refuses('ms', () => constant(ms));
        refuses('delays', () => list([1, ms]));
        for (const make of [exponential, fibonacci, jitter, decorrelatedJitter]) {
          refuses('initial', () => make({ initial: ms }));
          refuses('max', () => make({ max: ms }));
        }
        refuses('min', () => random({ min: ms }));
        refuses('max', () => random({ min: 0, max: ms }));
        refuses('factor', () => exponential({ factor }));
        refuses('factor', () => jitter({ factor }));
        refuses('interval', () => jitter({ interval: ms }));
        refuses('attempts', () => retryWithStrategy({ attempts: count }));
        refuses('backoff.attempts', () => retryWithStrategy({ backoff: Object.assign(() => 0, { attempts: count }) }));
        refuses('maxRetryAfter', () => retryWithStrategy({ maxRetryAfter: longest }));
        refuses('timeout', () => new RetryClient({ timeout: most }));
        refuses('totalTimeout', () => new RetryClient().get('http://a.test/', { totalTimeout: most }));
      }),
      { numRuns: 50 },
    );
  });

  it('a backoff is made, or refused by the name of the parameter that is wrong', () => {
    const ms = fc.constantFrom(0, 1, 100);
    const bag = someOf({ initial: ms, factor: fc.constantFrom(1, 2), max: ms, min: ms, interval: ms });
    const factories = { exponential, fibonacci, random, jitter, decorrelatedJitter };
    fc.assert(
      fc.property(bag, junk, (options, value) => {
        for (const make of Object.values(factories)) {
          mended(options, (left) => make(left));
          refusedAs(['options', 'initial', 'factor', 'max', 'min', 'interval'], () => make(value as object));
        }
        refusedAs(['ms'], () => constant(value as number));
        refusedAs(['delays'], () => list(value as number[]));
        refusedAs(['delays'], () => list([value as number]));
        refusedAs(['backoff'], () => fullJitter(value as Backoff));
        refusedAs(['backoff'], () => equalJitter(value as Backoff));
        refusedAs(['items', 'rotation'], () => cycle(value as []));
        refusedAs(['rotation'], () => cycle([1], value as 'hold'));
        refusedAs(['config'], () => retryWithStrategy({}, { observe: value as 'value' }));
      }),
      { numRuns: 300 },
    );
  });
});

/** What is no object of options at all: an object with fields of its own would be refused by theirs. */
function junkObject(value: unknown): ClientOptions & RequestOptions {
  return (typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : value) as ClientOptions &
    RequestOptions;
}
