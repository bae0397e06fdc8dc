import {
  constant,
  decorrelatedJitter,
  equalJitter,
  exponential,
  fibonacci,
  fullJitter,
  hedging,
  HttpNetworkError,
  HttpTimeoutError,
  jitter,
  list,
  random,
  type Backoff,
  type RetryStrategy,
} from '../../index.js';
import { seededRandom } from '../../util/seeded-random.js';
import { UsageError } from '../failures/usage-error.js';
import type { BackoffName, OptionValues } from './option-values.js';

const ERROR_CLASSES = { network: HttpNetworkError, timeout: HttpTimeoutError };

/** Converts the command line's options into a strategy. An option that was not given keeps the client's default. */
export function toStrategy(values: Partial<OptionValues>): RetryStrategy {
  const backoff = toBackoff(values);
  return {
    ...(backoff !== undefined && { backoff }),
    ...(values.attempts !== undefined && { attempts: values.attempts }),
    ...(values.methods !== undefined && { methods: values.methods }),
    ...(values.statuses !== undefined && { statuses: values.statuses }),
    ...(values['no-retry-server-errors'] && { retryAllServerErrors: false }),
    ...(values.errors !== undefined && { errors: values.errors.map((name) => ERROR_CLASSES[name]) }),
    ...(values['max-retry-after'] !== undefined && { maxRetryAfter: values['max-retry-after'] }),
    ...(values.hedge !== undefined && { hedge: hedging({ after: values.hedge }) }),
    ...(values.rotation !== undefined && { rotation: values.rotation }),
    ...(values.seed !== undefined && { random: seededRandom(values.seed) }),
  };
}

type BackoffOption = 'initial' | 'factor' | 'max' | 'min' | 'interval' | 'delays';

/**
 * The options that each backoff supports, and its construction from them.
 *
 * An option of another backoff is an error: it would have no effect.
 */
const BACKOFFS: Readonly<
  Record<
    BackoffName,
    { readonly supports: readonly BackoffOption[]; readonly create: (values: Partial<OptionValues>) => Backoff }
  >
> = {
  constant: { supports: ['initial'], create: ({ initial = 100 }) => constant(initial) },
  exponential: {
    supports: ['initial', 'factor', 'max'],
    create: (values) => exponential(pickGiven(values, 'initial', 'factor', 'max')),
  },
  fibonacci: { supports: ['initial', 'max'], create: (values) => fibonacci(pickGiven(values, 'initial', 'max')) },
  random: { supports: ['min', 'max'], create: (values) => random(pickGiven(values, 'min', 'max')) },
  list: { supports: ['delays'], create: ({ delays = [] }) => list(delays) },
  jitter: {
    supports: ['initial', 'factor', 'max', 'interval'],
    create: (values) => jitter(pickGiven(values, 'initial', 'factor', 'max', 'interval')),
  },
  decorrelated: {
    supports: ['initial', 'max'],
    create: (values) => decorrelatedJitter(pickGiven(values, 'initial', 'max')),
  },
};

const BACKOFF_OPTIONS: readonly BackoffOption[] = ['initial', 'factor', 'max', 'min', 'interval', 'delays'];

function toBackoff(values: Partial<OptionValues>): Backoff | undefined {
  if (![...BACKOFF_OPTIONS, 'backoff' as const, 'jitter' as const].some((name) => values[name] !== undefined)) {
    return undefined;
  }
  const name = values.backoff ?? 'exponential';
  const { supports, create } = BACKOFFS[name];
  const unsupported = BACKOFF_OPTIONS.find((option) => values[option] !== undefined && !supports.includes(option));
  if (unsupported !== undefined) {
    throw new UsageError(
      `--${unsupported}: --backoff ${name} does not support it, only ${supports.map((option) => `--${option}`).join(', ')}`,
    );
  }
  if (name === 'list' && (values.delays ?? []).length === 0) {
    throw new UsageError('--backoff list: expected --delays with at least one duration');
  }
  const backoff = create(values);
  const jitterName = values.jitter ?? (name === 'exponential' || name === 'fibonacci' ? 'full' : 'none');
  return { full: fullJitter, equal: equalJitter, none: (unchanged: Backoff) => unchanged }[jitterName](backoff);
}

/** Picks the options that were given, so that the others keep the library's defaults. */
function pickGiven<Name extends BackoffOption>(
  values: Partial<OptionValues>,
  ...names: readonly Name[]
): { [N in Name]?: NonNullable<OptionValues[N]> } {
  const picked: { [N in Name]?: NonNullable<OptionValues[N]> } = {};
  for (const name of names) {
    const value = values[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
