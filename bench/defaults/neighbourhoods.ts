import {
  type AdaptiveLimit,
  aimd,
  type AimdOptions,
  type Backoff,
  circuitBreaker,
  type CircuitBreakerOptions,
  concurrencyLimit,
  type ConcurrencyLimitOptions,
  constant,
  decorrelatedJitter,
  equalJitter,
  exponential,
  fullJitter,
  gradient,
  type GradientOptions,
  hedging,
  retryBudget,
  type RetryBudgetOptions,
  type RetryStrategy,
  vegas,
} from '../../src/index.js';

/** An option, with its default and reasonable values beside it. */
export interface Neighbourhood {
  /** `retryBudget: ratio`. */
  readonly option: string;
  /** The candidate that is the default; absent where the option has none. */
  readonly byDefault: string | undefined;
  /** By a candidate's name, what makes the strategy of each client. */
  readonly candidates: Readonly<Record<string, () => RetryStrategy>>;
  /** Makes the strategy without the option. It must do the same as the default's candidate. */
  readonly withoutOption: (() => RetryStrategy) | undefined;
}

function valuesOf<Value>(
  option: string,
  values: readonly Value[],
  byDefault: Value,
  strategyWith: (value: Value) => RetryStrategy,
  withoutOption: () => RetryStrategy,
): Neighbourhood {
  return {
    option,
    byDefault: String(byDefault),
    candidates: Object.fromEntries(values.map((value) => [String(value), () => strategyWith(value)])),
    withoutOption,
  };
}

function attempts(title: string, base: () => RetryStrategy): Neighbourhood {
  return valuesOf(title, [1, 2, 3, 4, 5], 3, (value) => ({ ...base(), attempts: value }), base);
}

const jittered = (initial: number): Backoff => fullJitter(exponential({ initial }));

function budget(
  name: 'ratio' | 'minPerSecond' | 'window',
  values: readonly number[],
  byDefault: number,
): Neighbourhood {
  const strategyWith = (options: RetryBudgetOptions): RetryStrategy => ({ gates: [retryBudget(options)] });
  return valuesOf(
    `retryBudget: ${name}`,
    values,
    byDefault,
    (value) => strategyWith({ [name]: value }),
    () => strategyWith({}),
  );
}

function breaker<Name extends keyof CircuitBreakerOptions>(
  name: Name,
  values: readonly NonNullable<CircuitBreakerOptions[Name]>[],
  byDefault: NonNullable<CircuitBreakerOptions[Name]>,
): Neighbourhood {
  const strategyWith = (options: CircuitBreakerOptions): RetryStrategy => ({ gates: [circuitBreaker(options)] });
  return valuesOf(
    `circuitBreaker: ${name}`,
    values,
    byDefault,
    (value) => strategyWith({ [name]: value }),
    () => strategyWith({}),
  );
}

function limit<Name extends 'queue' | 'maxWait' | 'order'>(
  name: Name,
  values: readonly NonNullable<ConcurrencyLimitOptions[Name]>[],
  byDefault: NonNullable<ConcurrencyLimitOptions[Name]>,
): Neighbourhood {
  const strategyWith = (options: Omit<ConcurrencyLimitOptions, 'max'>): RetryStrategy => ({
    gates: [concurrencyLimit({ max: gradient(), ...options })],
  });
  return valuesOf(
    `concurrencyLimit: ${name}`,
    values,
    byDefault,
    (value) => strategyWith({ [name]: value }),
    () => strategyWith({}),
  );
}

function gradients(name: keyof GradientOptions, values: readonly number[], byDefault: number): Neighbourhood {
  return adaptive(`gradient: ${name}`, values, byDefault, gradient, (value) => gradient({ [name]: value }));
}

function aimds(name: keyof AimdOptions, values: readonly number[], byDefault: number): Neighbourhood {
  return adaptive(`aimd: ${name}`, values, byDefault, aimd, (value) => aimd({ [name]: value }));
}

function adaptive(
  title: string,
  values: readonly number[],
  byDefault: number,
  create: () => AdaptiveLimit,
  createWith: (value: number) => AdaptiveLimit,
): Neighbourhood {
  const strategyWith = (max: AdaptiveLimit): RetryStrategy => ({ gates: [concurrencyLimit({ max })] });
  return valuesOf(
    title,
    values,
    byDefault,
    (value) => strategyWith(createWith(value)),
    () => strategyWith(create()),
  );
}

function allThree({
  breaker: breakerOptions = {},
  gradient: gradientOptions = {},
  waits = {},
}: {
  readonly breaker?: CircuitBreakerOptions;
  readonly gradient?: GradientOptions;
  readonly waits?: { readonly maxWait?: number };
}): RetryStrategy {
  return {
    gates: [
      retryBudget(),
      circuitBreaker(breakerOptions),
      concurrencyLimit({ max: gradient(gradientOptions), ...waits }),
    ],
  };
}

/** One option at a time differs from the defaults, but where two belong together. */
export const NEIGHBOURHOODS: readonly Neighbourhood[] = [
  attempts('attempts', () => ({})),
  attempts('attempts, with retryBudget', () => ({ gates: [retryBudget()] })),
  {
    option: 'backoff',
    byDefault: 'full jitter',
    candidates: {
      none: () => ({ backoff: constant(0) }),
      'no jitter': () => ({ backoff: exponential() }),
      'full jitter': () => ({ backoff: fullJitter(exponential()) }),
      'equal jitter': () => ({ backoff: equalJitter(exponential()) }),
      decorrelated: () => ({ backoff: decorrelatedJitter() }),
    },
    withoutOption: () => ({}),
  },
  valuesOf(
    'exponential: initial',
    [50, 100, 200, 500, 1_000],
    100,
    (initial) => ({ backoff: jittered(initial) }),
    () => ({}),
  ),
  {
    option: 'attempts and initial',
    byDefault: '3, 100',
    candidates: Object.fromEntries(
      ([3, 4, 5] as const).flatMap((count) =>
        [100, 200, 500].map((initial) => [
          `${count}, ${initial}`,
          () => ({ attempts: count, backoff: jittered(initial) }),
        ]),
      ),
    ),
    withoutOption: () => ({}),
  },
  budget('ratio', [0.1, 0.2, 0.3, 0.5], 0.2),
  budget('minPerSecond', [0, 1, 2, 5, 10], 1),
  budget('window', [5_000, 10_000, 30_000], 10_000),
  breaker('failureRatio', [0.3, 0.5, 0.7], 0.5),
  breaker('minimumThroughput', [5, 10, 20, 50], 20),
  breaker('samplingDuration', [5_000, 10_000, 20_000, 30_000, 60_000], 30_000),
  breaker('breakDuration', [1_000, 2_000, 5_000, 10_000], 5_000),
  breaker('probes', [1, 3, 10], 1),
  breaker('blocks', ['attempts', 'retries'], 'attempts'),
  {
    option: 'concurrencyLimit: max',
    byDefault: undefined,
    candidates: {
      'gradient()': () => ({ gates: [concurrencyLimit({ max: gradient() })] }),
      'vegas()': () => ({ gates: [concurrencyLimit({ max: vegas() })] }),
      'aimd()': () => ({ gates: [concurrencyLimit({ max: aimd() })] }),
      '10': () => ({ gates: [concurrencyLimit({ max: 10 })] }),
      '50': () => ({ gates: [concurrencyLimit({ max: 50 })] }),
    },
    withoutOption: undefined,
  },
  limit('maxWait', [500, 1_000, 2_000, 5_000, Infinity], Infinity),
  limit('queue', [0, 10, 100, Infinity], Infinity),
  limit('order', ['fifo', 'lifo'], 'fifo'),
  gradients('min', [1, 5, 10, 20], 5),
  gradients('max', [50, 100, 200, 500], 200),
  gradients('tolerance', [1, 1.5, 2], 1.5),
  aimds('min', [1, 5, 10, 20], 5),
  {
    option: 'all three gates',
    byDefault: 'defaults',
    candidates: {
      defaults: () => allThree({}),
      'samplingDuration 10000': () => allThree({ breaker: { samplingDuration: 10_000 } }),
      'min 1': () => allThree({ gradient: { min: 1 } }),
      'maxWait 1000': () => allThree({ waits: { maxWait: 1_000 } }),
      'all of these': () =>
        allThree({
          breaker: { samplingDuration: 10_000 },
          gradient: { min: 1 },
          waits: { maxWait: 1_000 },
        }),
    },
    withoutOption: () => allThree({}),
  },
  {
    option: 'hedging: after',
    byDefault: undefined,
    candidates: {
      none: () => ({}),
      p90: () => ({ hedge: hedging({ after: 'p90' }) }),
      p95: () => ({ hedge: hedging({ after: 'p95' }) }),
      p99: () => ({ hedge: hedging({ after: 'p99' }) }),
      'p95, with retryBudget': () => ({ hedge: hedging({ after: 'p95' }), gates: [retryBudget()] }),
    },
    withoutOption: undefined,
  },
];
