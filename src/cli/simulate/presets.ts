import {
  circuitBreaker,
  concurrencyLimit,
  constant,
  gradient,
  hedging,
  retryBudget,
  type Gate,
  type RetryStrategy,
} from '../../index.js';

/** A strategy that `--compare` can name. */
export interface Preset {
  /** What it does, for `--help`. */
  readonly description: string;
  /** Makes it for one client, so that the gates of each client are its own. */
  readonly create: () => RetryStrategy;
}

/** Two retries without a wait: what many programs do. */
function plain(...gates: readonly Gate[]): RetryStrategy {
  return { attempts: 3, backoff: constant(0), ...(gates.length > 0 && { gates }) };
}

const limit = (): Gate => concurrencyLimit({ max: gradient() });

/** The strategies that `--compare` can name. */
export const PRESETS: Readonly<Record<string, Preset>> = {
  none: { description: 'no retries', create: () => ({ attempts: 1 }) },
  plain: { description: '3 attempts in a row, without a wait', create: () => plain() },
  default: { description: "the client's defaults", create: () => ({}) },
  budget: { description: 'plain, with a retryBudget()', create: () => plain(retryBudget()) },
  breaker: { description: 'plain, with a circuitBreaker()', create: () => plain(circuitBreaker()) },
  limit: { description: 'plain, with a concurrencyLimit({ max: gradient() })', create: () => plain(limit()) },
  all: {
    description: 'plain, with all three of these gates',
    create: () => plain(retryBudget(), circuitBreaker(), limit()),
  },
  hedge: {
    description: "the defaults, and hedging({ after: 'p95' })",
    create: () => ({ hedge: hedging({ after: 'p95' }) }),
  },
};

/** What is compared if neither the command line nor the scenario names strategies. */
export const DEFAULT_COMPARISON: readonly string[] = ['none', 'plain', 'default'];
