import {
  constant,
  decorrelatedJitter,
  equalJitter,
  exponential,
  fibonacci,
  fullJitter,
  HttpNetworkError,
  HttpTimeoutError,
  jitter,
  list,
  random,
  type Backoff,
  type RetryStrategy,
} from '../../index.js';
import { seededRandom } from './seeded-random.js';
import { UsageError } from '../failures/usage-error.js';
import type { BackoffName, Values } from './option-values.js';

const errorClasses = { network: HttpNetworkError, timeout: HttpTimeoutError };

/** The strategy that the options spell; what was not given is left to the client. */
export function strategyOf(values: Partial<Values>): RetryStrategy {
  const backoff = backoffOf(values);
  return {
    ...(backoff !== undefined && { backoff }),
    ...(values.attempts !== undefined && { attempts: values.attempts }),
    ...(values.methods !== undefined && { methods: values.methods }),
    ...(values.statuses !== undefined && { statuses: values.statuses }),
    ...(values['no-retry-server-errors'] && { retryAllServerErrors: false }),
    ...(values.errors !== undefined && { errors: values.errors.map((name) => errorClasses[name]) }),
    ...(values['max-retry-after'] !== undefined && { maxRetryAfter: values['max-retry-after'] }),
    ...(values.rotation !== undefined && { rotation: values.rotation }),
    ...(values.seed !== undefined && { random: seededRandom(values.seed) }),
  };
}

type Setting = 'initial' | 'factor' | 'max' | 'min' | 'interval' | 'delays';

/** What each schedule is made of. An option of another one would be ignored, so it is refused. */
const schedules: Readonly<
  Record<BackoffName, { readonly takes: readonly Setting[]; readonly make: (values: Partial<Values>) => Backoff }>
> = {
  constant: { takes: ['initial'], make: ({ initial = 100 }) => constant(initial) },
  exponential: {
    takes: ['initial', 'factor', 'max'],
    make: (values) => exponential(pick(values, 'initial', 'factor', 'max')),
  },
  fibonacci: { takes: ['initial', 'max'], make: (values) => fibonacci(pick(values, 'initial', 'max')) },
  random: { takes: ['min', 'max'], make: (values) => random(pick(values, 'min', 'max')) },
  list: { takes: ['delays'], make: ({ delays = [] }) => list(delays) },
  jitter: {
    takes: ['initial', 'factor', 'max', 'interval'],
    make: (values) => jitter(pick(values, 'initial', 'factor', 'max', 'interval')),
  },
  decorrelated: { takes: ['initial', 'max'], make: (values) => decorrelatedJitter(pick(values, 'initial', 'max')) },
};

const settings: readonly Setting[] = ['initial', 'factor', 'max', 'min', 'interval', 'delays'];

function backoffOf(values: Partial<Values>): Backoff | undefined {
  if (![...settings, 'backoff' as const, 'jitter' as const].some((name) => values[name] !== undefined)) {
    return undefined;
  }
  const name = values.backoff ?? 'exponential';
  const { takes, make } = schedules[name];
  const alien = settings.find((setting) => values[setting] !== undefined && !takes.includes(setting));
  if (alien !== undefined) {
    throw new UsageError(
      `--${alien}: --backoff ${name} does not take it, only ${takes.map((setting) => `--${setting}`).join(', ')}`,
    );
  }
  if (name === 'list' && (values.delays ?? []).length === 0) {
    throw new UsageError('--backoff list: expected --delays with at least one duration');
  }
  const backoff = make(values);
  const spread = values.jitter ?? (name === 'exponential' || name === 'fibonacci' ? 'full' : 'none');
  return { full: fullJitter, equal: equalJitter, none: (plain: Backoff) => plain }[spread](backoff);
}

/** Only the settings that were given, so that the others keep the library's defaults. */
function pick<Name extends Setting>(
  values: Partial<Values>,
  ...names: readonly Name[]
): { [N in Name]?: NonNullable<Values[N]> } {
  const picked: { [N in Name]?: NonNullable<Values[N]> } = {};
  for (const name of names) {
    const value = values[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
