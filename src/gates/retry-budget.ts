import type { Gate } from '../retry/gate.js';
import { justNow, now } from '../util/clock.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { defineGate } from './define-gate.js';
import { GATE_KEY, type GateKey, KeyedState, type ObservableState } from './keyed-state.js';
import { RollingWindow } from './rolling-window.js';

/** Options of {@link retryBudget}. */
export interface RetryBudgetOptions {
  /** How many retries each first attempt allows: from 0 to 1,000. @default 0.2 */
  readonly ratio?: number | undefined;
  /**
   * How many retries a second are allowed besides, for clients that send little. Each process has its own: ten of them
   * have ten times as many.
   *
   * @default 1
   */
  readonly minPerSecond?: number | undefined;
  /** How long attempts count, in ms: from 1,000 to 60,000. @default 10_000 */
  readonly window?: number | undefined;
  /** Which attempts share a budget. @default 'origin' */
  readonly by?: GateKey | undefined;
}

/** The state of a {@link retryBudget} for one key. */
export interface RetryBudgetSnapshot {
  /** How many retries are allowed now. */
  readonly balance: number;
}

/** What a first attempt adds. Whole numbers have exact sums, which a ratio such as 0.1 has not. */
const DEPOSIT = 1_000;

const RULES: OptionRules<RetryBudgetOptions> = {
  // A larger ratio would make a retry cost less than 1.
  ratio: [1, `a number from 0 to ${DEPOSIT}`, (ratio: number) => ratio >= 0 && ratio <= DEPOSIT],
  minPerSecond: [1, 'a finite number of at least 0', (rate: number) => rate >= 0 && rate < Infinity],
  window: [1, 'a number of ms from 1000 to 60000', (ms: number) => ms >= 1_000 && ms <= 60_000],
  by: GATE_KEY,
};

/**
 * A gate that allows retries only in proportion to first attempts, so that they cannot multiply the load on a server
 * that fails: `ratio` of the first attempts of the last `window` ms, and `minPerSecond` besides.
 *
 * A retry that the budget does not allow is not made: the last outcome stands as it is, with the reason `rejected`. A
 * hedge that it does not allow is not sent. First attempts always pass. A retry is charged when it is planned, and the
 * charge expires after `window`, as the first attempts do.
 *
 * @throws TypeError or RangeError that names the bad option
 *
 * @example At most one retry for ten requests, and one a second besides.
 * ```ts
 * import { retryBudget, RetryClient } from 'rxjs-retry-client';
 *
 * const budget = retryBudget({ ratio: 0.1, minPerSecond: 1 });
 * export const client = new RetryClient({ strategy: { attempts: 5, gates: [budget] } });
 * budget.changes$.subscribe(({ key, balance }) => {
 *   if (balance === 0) console.warn(`no more retries for ${key}`);
 * });
 * ```
 * @see {@link https://finagle.github.io/blog/2016/02/08/retry-budgets/ | Finagle's RetryBudget}, whose rule it follows.
 * There `minPerSecond` is 10, which keeps a server down where a few processes share it.
 */
export function retryBudget(options: RetryBudgetOptions = {}): Gate & ObservableState<RetryBudgetSnapshot> {
  checkKnownOptions(options, RULES);
  const { ratio = 0.2, minPerSecond = 1, window = 10_000, by = 'origin' } = options;
  // Without a ratio the reserve alone is spent, one by one.
  const cost = ratio === 0 ? 1 : Math.trunc(DEPOSIT / ratio);
  const deposit = ratio === 0 ? 0 : DEPOSIT;
  const reserve = minPerSecond * (window / 1_000) * cost;
  /** First attempts add to the sum, and retries subtract from it. */
  const budgets = new KeyedState<RollingWindow, RetryBudgetSnapshot>({
    by,
    create: () => new RollingWindow(window),
    snapshotOf: (sum) => ({ balance: balanceOf(sum) }),
  });
  const balanceOf = (sum: RollingWindow | undefined): number =>
    Math.max(0, Math.floor((reserve + (sum?.sum(now(), 0) ?? 0)) / cost));
  return {
    ...defineGate({
      name: 'retry-budget',
      allowsRetry: (attempt) => balanceOf(budgets.peek(budgets.keyOf(attempt))) > 0,
      next: ({ type, attempt }) => {
        const { hedge = false, number } = attempt;
        // A hedge is paid for when it is sent, and a retry when it is planned.
        const isPaidFor = type === (hedge ? 'start' : 'retry');
        if (!isPaidFor && !(type === 'start' && number === 1)) return;
        const key = budgets.keyOf(attempt);
        budgets.use(key).add(justNow(), 0, isPaidFor ? -cost : deposit);
        budgets.notify(key);
      },
    }),
    snapshot: budgets.snapshot,
    changes$: budgets.changes$,
  };
}
