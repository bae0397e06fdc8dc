import '@angular/compiler';

import { of } from 'rxjs';

import { retryInterceptor } from '../../../src/angular/index.js';
import {
  circuitBreaker,
  concurrencyLimit,
  defineGate,
  type Gate,
  hedging,
  openWhen,
  rateLimit,
  retryBudget,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
  serverLimit,
  whenOnline,
} from '../../../src/index.js';
import { expectRefusal } from '../../support/expect-refusal.js';

type Options = Readonly<Record<string, unknown>>;

const creators: Readonly<Record<string, { readonly create: (options: Options) => unknown; readonly valid: Options }>> =
  {
    retryBudget: { create: (options) => retryBudget(options), valid: {} },
    circuitBreaker: { create: (options) => circuitBreaker(options), valid: {} },
    concurrencyLimit: { create: (options) => concurrencyLimit(options as never), valid: { max: 1 } },
    rateLimit: { create: (options) => rateLimit(options as never), valid: { permits: 1 } },
    serverLimit: { create: (options) => serverLimit(options), valid: {} },
    openWhen: { create: (options) => openWhen(options as never), valid: { open$: of(true) } },
    whenOnline: { create: (options) => whenOnline(options), valid: {} },
    hedging: { create: (options) => hedging(options as never), valid: { after: 100 } },
  };

/** Options, and values that they do not take. */
const bad: readonly (readonly [creator: string, option: string, ...values: readonly unknown[]])[] = [
  ['retryBudget', 'ratio', -0.1, NaN, '1', null],
  ['retryBudget', 'minPerSecond', -1, NaN, '1'],
  ['retryBudget', 'window', 0, -1, NaN, '1'],
  ['circuitBreaker', 'failureRatio', -1, 1.01, NaN, '0.5'],
  ['circuitBreaker', 'minimumThroughput', 0, 1.5, NaN, '2'],
  ['circuitBreaker', 'samplingDuration', 0, -1, NaN, '1'],
  ['circuitBreaker', 'breakDuration', -1, NaN, '1'],
  ['circuitBreaker', 'probes', 0, 1.5, NaN, '1'],
  ['circuitBreaker', 'isFailure', true, 'yes'],
  ['circuitBreaker', 'blocks', 'all', 1],
  ['concurrencyLimit', 'max', 0, 1.5, NaN, '1', {}, null],
  ['concurrencyLimit', 'queue', -1, 1.5, NaN, '1'],
  ['concurrencyLimit', 'maxWait', -1, NaN, '1'],
  ['concurrencyLimit', 'order', 'random', 1],
  ['rateLimit', 'permits', 0, -1, NaN, '1'],
  ['rateLimit', 'per', 0, -1, NaN, '1'],
  ['rateLimit', 'burst', -1, NaN, '1'],
  ['rateLimit', 'maxWait', -1, NaN, '1'],
  ['serverLimit', 'maxWait', -1, NaN, '1'],
  ['openWhen', 'open$', 1, true, Promise.resolve(true)],
  ['openWhen', 'name', '', 1],
  ['openWhen', 'blocks', 'none'],
  ['openWhen', 'maxWait', -1, NaN],
  ['whenOnline', 'spread', -1, NaN, '1'],
  ['whenOnline', 'blocks', 'none'],
  ['whenOnline', 'maxWait', -1, NaN],
  ['hedging', 'after', -1, NaN, 'p0', 'p101', '95', 'slow', null, ['p95']],
  ['hedging', 'max', -1, 1.5, NaN, '1'],
  ...['retryBudget', 'circuitBreaker', 'concurrencyLimit', 'rateLimit', 'serverLimit'].map(
    (creator) => [creator, 'by', 'host', 1, null] as const,
  ),
];

describe('The options of a gate', () => {
  for (const [creator, option, ...values] of bad) {
    it(`are refused at once, by name: ${option} of ${creator}()`, () => {
      const { create, valid } = creators[creator]!;
      expect(() => create(valid)).not.toThrow();
      for (const value of values) {
        let error: unknown;
        try {
          create({ ...valid, [option]: value });
        } catch (thrown) {
          error = thrown;
        }
        expect(error instanceof TypeError || error instanceof RangeError)
          .withContext(`${option}: ${String(value)}: ${String(error)}`)
          .toBeTrue();
        expect((error as Error | undefined)?.message ?? '').toContain(option);
      }
    });
  }

  for (const [creator, { create, valid }] of Object.entries(creators)) {
    it(`are refused by name if they are unknown: ${creator}()`, () => {
      expect(() => create({ ...valid, colour: 1 })).toThrowError(
        TypeError,
        /unknown option "(options\.)?colour"; known/,
      );
    });

    it(`must be an object: ${creator}()`, () => {
      for (const options of [null, 5, 'text', []]) expect(() => create(options as never)).toThrowError(TypeError);
    });

    it(`count as absent where they are undefined: ${creator}()`, () => {
      const options = bad
        .filter(([name, option]) => name === creator && !(option in valid))
        .map(([, option]) => option);
      expect(() =>
        create({ ...valid, ...Object.fromEntries(options.map((option) => [option, undefined])) }),
      ).not.toThrow();
    });
  }
});

describe('The options of hedging()', () => {
  it('may have the ends of their ranges', () => {
    for (const max of [1, 10]) expect(() => hedging({ after: 0, max })).not.toThrow();
    expect(() => hedging({ after: 0, max: 11 })).toThrowError(RangeError, /^max must be a whole number from 1 to 10/);
  });
});

describe('The message about bad options of a gate', () => {
  it('lists those that are known', () => {
    expect(() => retryBudget({ colour: 1 } as never)).toThrowError(
      TypeError,
      'unknown option "colour"; known options: ratio, minPerSecond, window, by',
    );
  });

  it('names what must be an object', () => {
    expect(() => retryBudget('text' as never)).toThrowError(TypeError, /^options must be/);
    expect(() => defineGate('text' as never)).toThrowError(TypeError, /^definition must be/);
  });
});

describe('defineGate()', () => {
  it('refuses a definition without a name, with unknown fields, or with values of other types', () => {
    expectRefusal(() => defineGate({} as never), [TypeError, RangeError], 'definition.name');
    expectRefusal(() => defineGate({ name: '' }), [TypeError, RangeError], 'definition.name');
    expectRefusal(() => defineGate({ name: 5 } as never), [TypeError, RangeError], 'definition.name');
    expectRefusal(
      () => defineGate({ name: 'a', colour: 1 } as never),
      [TypeError, RangeError],
      'unknown option "definition.colour"',
    );
    for (const field of ['delay', 'allowsRetry', 'admit', 'next', 'wake$', 'queues']) {
      expectRefusal(() => defineGate({ name: 'a', [field]: 'x' }), [TypeError], `definition.${field}`);
      expect(() => defineGate({ name: 'a', [field]: undefined })).not.toThrow();
    }
    for (const definition of [null, undefined, 'a', []]) {
      expect(() => defineGate(definition as never)).toThrowError(TypeError);
    }
  });
});

describe('strategy.gates', () => {
  const gate = defineGate({ name: 'a' });
  const refused: readonly unknown[] = [
    gate,
    'gate',
    null,
    [null],
    [undefined],
    [{}],
    [gate, { name: 'b' }],
    [() => gate],
  ];
  const places: Readonly<Record<string, (strategy: RetryStrategy) => unknown>> = {
    'the operator': (strategy) => of(1).pipe(retryWithStrategy(strategy)),
    'a client': (strategy) => new RetryClient({ strategy }),
    'one request': (strategy) => new RetryClient().get('http://a.test/', { strategy }),
    'Angular’s interceptor': (strategy) => retryInterceptor(strategy),
  };

  for (const [place, use] of Object.entries(places)) {
    it(`takes gates alone, in ${place}`, () => {
      for (const gates of refused) {
        expect(() => use({ gates: gates as readonly Gate[] }))
          .withContext(String(gates))
          .toThrowError(TypeError, /strategy\.gates/);
      }
      for (const gates of [undefined, [], [gate], [gate, gate], [{ ...gate, extra: 1 }]]) {
        expect(() => use({ gates })).not.toThrow();
      }
    });
  }
});
