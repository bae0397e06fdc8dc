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
import { runInSteps } from '../support/run-in-steps.js';

/** Any value that a caller may pass by mistake, including values that cannot be converted to a string. */
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
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

/** Some of these fields, each with a valid value or any value. */
function someFields(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([name, right]) => [
        name,
        fc.oneof({ weight: 2, arbitrary: right }, { weight: 1, arbitrary: anyValue }, fc.constant(undefined)),
      ]),
    ),
    { requiredKeys: [] },
  );
}

const withAttempts = Object.assign(() => 1, { attempts: 4 }) as Backoff;
const badAttempts = Object.assign(() => 1, { attempts: 0 }) as Backoff;

const strategy = someFields({
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
const clientOptions = someFields({
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
const requestOptions = someFields({
  ...common,
  body: fc.constantFrom<unknown>('text', { a: 1 }, [1], null, new Uint8Array(2), () => 'text'),
  selector: fc.constantFrom<unknown>(() => [], { open: () => ({ select: () => [] }) }, { open: 1 }),
  observe: fc.constantFrom('value', 'attempts', 'all'),
});

/**
 * Returns the message of an error, which must be a TypeError or RangeError with at most 1,000 characters. It then begins
 * with the option: that of an unknown one follows in quotes.
 */
function messageOf(error: unknown): string {
  if (!(error instanceof TypeError) && !(error instanceof RangeError)) {
    throw new Error('Neither a TypeError nor a RangeError', { cause: error });
  }
  if (error.message.length > 1000) throw new Error(`${error.message.length} characters of message`, { cause: error });
  return error.message.replace(/^unknown option "/, '');
}

/**
 * Returns the field that a message begins with. If that field has its default, returns another field that the message
 * mentions.
 */
function fieldNamedIn(message: string, fields: Readonly<Record<string, unknown>>): string | undefined {
  const names = Object.keys(fields);
  const [first] = names.filter((name) => message.startsWith(name)).sort((left, right) => right.length - left.length);
  return first ?? names.find((name) => name !== '' && message.includes(` ${name}, which is`));
}

function without(fields: Readonly<Record<string, unknown>>, removed: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== removed));
}

/**
 * Passes the options, and removes each field that an error names, until they are accepted. It fails if an error names
 * the wrong field, or none.
 */
function passUntilAccepted(
  options: Readonly<Record<string, unknown>>,
  pass: (options: Record<string, unknown>) => void,
): void {
  let left: Record<string, unknown> = { ...options };
  for (;;) {
    try {
      pass(left);
      return;
    } catch (error) {
      const message = messageOf(error);
      const { strategy: inner } = left;
      const isInner = message.startsWith('strategy.') && typeof inner === 'object' && inner !== null;
      const fields = isInner ? (inner as Record<string, unknown>) : left;
      const name = fieldNamedIn(isInner ? message.slice('strategy.'.length) : message, fields);
      if (name === undefined) {
        throw new Error(`“${String(error)}” names none of [${Object.keys(fields).join(', ')}]`, { cause: error });
      }
      left = isInner ? { ...left, strategy: without(fields, name) } : without(left, name);
    }
  }
}

/** Passes an argument, which must be accepted, or rejected with a message that begins with one of these names. */
function expectRejectionBy(names: readonly string[], call: () => unknown): void {
  try {
    call();
  } catch (error) {
    const message = messageOf(error);
    if (!names.some((name) => message.startsWith(name))) {
      throw new Error(`“${message}” does not begin with ${names.join(' or ')}`, { cause: error });
    }
  }
}

describe('Any options:', () => {
  it('a strategy is accepted, or rejected by the name of the wrong field', () => {
    fc.assert(
      fc.property(strategy, (options) => {
        passUntilAccepted({ strategy: options }, ({ strategy: left }) => {
          const operator = retryWithStrategy<number>(left as RetryStrategy);
          // An accepted strategy may fail only in the stream.
          runInSteps(
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

  it('a strategy that is no object, or has an unknown field, is rejected by name', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expectRejectionBy(['strategy'], () => retryWithStrategy(value as RetryStrategy));
      }),
      { numRuns: 200 },
    );
  });

  it("a client's options are accepted, or rejected by name", () => {
    fc.assert(
      fc.property(clientOptions, (options) => {
        passUntilAccepted(options, (left) => new RetryClient(left));
      }),
      { numRuns: 400 },
    );
  });

  it("an extension's options are accepted, or rejected by name", () => {
    const parent = new RetryClient({ params: { a: 1 }, headers: { a: 'b' }, strategy: { attempts: 2 } });
    fc.assert(
      fc.property(clientOptions, (options) => {
        passUntilAccepted(options, (left) => parent.extend(left));
      }),
      { numRuns: 200 },
    );
  });

  it("a request's options are accepted, or rejected by name", () => {
    const client = new RetryClient({ baseUrl: 'http://a.test/' });
    fc.assert(
      fc.property(requestOptions, (options) => {
        passUntilAccepted(options, (left) => {
          void client.request('PUT', 'x', left as RequestOptions);
        });
      }),
      { numRuns: 400 },
    );
  });

  it('a method, a URL, a body and a list of requests are accepted, or rejected by name', () => {
    const client = new RetryClient();
    const target = someFields({
      method: fc.constant('PUT'),
      url: fc.constant('http://a.test/'),
      headers: common.headers,
      params: common.params,
      body: fc.constant('x'),
    });
    fc.assert(
      fc.property(
        anyValue,
        anyValue,
        anyValue,
        fc.oneof(fc.array(target, { maxLength: 3 }), anyValue),
        (method, url, body, params) => {
          expectRejectionBy(['method'], () => client.request(method as string, 'http://a.test/'));
          expectRejectionBy(['url'], () => client.get(url as string));
          expectRejectionBy(['body'], () => client.post('http://a.test/', body as string));
          expectRejectionBy(['options'], () => new RetryClient(asNonObject(method)));
          expectRejectionBy(['options'], () => client.get('http://a.test/', asNonObject(url)));
          expectRejectionBy(['params', 'body'], () => client.requests(params as []));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('numbers out of range are rejected', () => {
    const below = (min: number): fc.Arbitrary<number> =>
      fc.oneof(
        fc.constantFrom(NaN, -Infinity),
        fc.double({ max: min, noNaN: true }).filter((value) => value < min),
      );
    const unmeasured = fc.oneof(below(0), fc.constant(Infinity));
    const limit = fc.oneof(below(0), fc.constant(0));
    const attempts = fc.oneof(
      below(1),
      fc.double({ min: 1, max: 1e9, noNaN: true }).filter((value) => !Number.isInteger(value)),
    );
    const expectRangeError = (name: string, call: () => unknown): void => {
      expect(call)
        .withContext(name)
        .toThrowError(RangeError, new RegExp(`^(?:strategy\\.)?${name}`));
    };
    fc.assert(
      fc.property(unmeasured, limit, attempts, below(1), below(0), (ms, most, count, factor, longest) => {
        expectRangeError('ms', () => constant(ms));
        expectRangeError('delays', () => list([1, ms]));
        for (const make of [exponential, fibonacci, jitter, decorrelatedJitter]) {
          expectRangeError('initial', () => make({ initial: ms }));
          expectRangeError('max', () => make({ max: ms }));
        }
        expectRangeError('min', () => random({ min: ms }));
        expectRangeError('max', () => random({ min: 0, max: ms }));
        expectRangeError('factor', () => exponential({ factor }));
        expectRangeError('factor', () => jitter({ factor }));
        expectRangeError('interval', () => jitter({ interval: ms }));
        expectRangeError('attempts', () => retryWithStrategy({ attempts: count }));
        expectRangeError('backoff.attempts', () =>
          retryWithStrategy({ backoff: Object.assign(() => 0, { attempts: count }) }),
        );
        expectRangeError('maxRetryAfter', () => retryWithStrategy({ maxRetryAfter: longest }));
        expectRangeError('timeout', () => new RetryClient({ timeout: most }));
        expectRangeError('totalTimeout', () => new RetryClient().get('http://a.test/', { totalTimeout: most }));
      }),
      { numRuns: 50 },
    );
  });

  it('a backoff is created, or rejected by the name of the wrong parameter', () => {
    const ms = fc.constantFrom(0, 1, 100);
    const bag = someFields({ initial: ms, factor: fc.constantFrom(1, 2), max: ms, min: ms, interval: ms });
    const factories = { exponential, fibonacci, random, jitter, decorrelatedJitter };
    fc.assert(
      fc.property(bag, anyValue, (options, value) => {
        for (const make of Object.values(factories)) {
          passUntilAccepted(options, (left) => make(left));
          expectRejectionBy(['options', 'initial', 'factor', 'max', 'min', 'interval'], () => make(value as object));
        }
        expectRejectionBy(['ms'], () => constant(value as number));
        expectRejectionBy(['delays'], () => list(value as number[]));
        expectRejectionBy(['delays'], () => list([value as number]));
        expectRejectionBy(['backoff'], () => fullJitter(value as Backoff));
        expectRejectionBy(['backoff'], () => equalJitter(value as Backoff));
        expectRejectionBy(['items', 'rotation'], () => cycle(value as []));
        expectRejectionBy(['rotation'], () => cycle([1], value as 'hold'));
        expectRejectionBy(['config'], () => retryWithStrategy({}, { observe: value as 'value' }));
      }),
      { numRuns: 300 },
    );
  });
});

/** Wraps an object in an array, since an object of options would be rejected by the name of one of its fields. */
function asNonObject(value: unknown): ClientOptions & RequestOptions {
  return (typeof value === 'object' && value !== null && !Array.isArray(value) ? [value] : value) as ClientOptions &
    RequestOptions;
}
