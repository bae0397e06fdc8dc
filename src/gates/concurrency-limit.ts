import { Observable } from 'rxjs';

import { type Gate, UNKNOWN_DELAY } from '../retry/gate.js';
import { justNow } from '../util/clock.js';
import { checkKnownOptions } from '../util/known-options.js';
import { check, isOptions, oneOf, type OptionRule } from '../util/option-rule.js';
import { outcomeOf } from './attempt-outcomes.js';
import { defineGate } from './define-gate.js';
import { GATE_KEY, type GateKey, KeyedState, type ObservableState } from './keyed-state.js';
import type { AdaptiveLimit } from './limits/limit.js';
import { wasDropped } from './limits/was-dropped.js';
import { limitOf, Slot, SlotPool } from './slot-pool.js';

/** Options of {@link concurrencyLimit}. */
export interface ConcurrencyLimitOptions<State = unknown> {
  /** How many attempts may be in flight at a time: a number, or an algorithm that finds it. */
  readonly max: number | AdaptiveLimit<State>;
  /** How many attempts may wait; one more is rejected. @default Infinity */
  readonly queue?: number;
  /** How long an attempt may wait, in ms; then it is rejected. @default Infinity */
  readonly maxWait?: number;
  /**
   * Which of the waiting attempts is next: the first that came, or the last. Retries come before first attempts in any
   * case.
   *
   * @default 'fifo'
   */
  readonly order?: 'fifo' | 'lifo';
  /** Which attempts share the limit. @default 'origin' */
  readonly by?: GateKey;
}

/** The state of a {@link concurrencyLimit}. */
export interface ConcurrencyLimitSnapshot {
  /** How many attempts may be in flight at present. */
  readonly limit: number;
  readonly inFlight: number;
  /** How many attempts wait. */
  readonly queued: number;
}

/** What an adaptive limit notes about an attempt that it learns from. */
interface Measurement<State> {
  readonly pool: SlotPool<State>;
  readonly slot: Slot;
  /** When it was sent, on the monotonic clock; absent before, and once its outcome is known. */
  start: number | undefined;
}

const MAX_EXPECTED = 'a whole number of at least 1, or an algorithm such as aimd()';

/** The rule for a `max` that is a number. */
const FIXED_MAX: OptionRule = [1, MAX_EXPECTED, (max: number) => Number.isInteger(max) && max >= 1];

function isAdaptive(max: unknown): boolean {
  if (!isOptions(max)) return false;
  const { update, limit } = max as Partial<AdaptiveLimit>;
  return 'initial' in max && typeof update === 'function' && typeof limit === 'function';
}

/** The rule for each option. */
const RULES: { readonly [Option in keyof ConcurrencyLimitOptions]-?: OptionRule } = {
  max: [undefined, MAX_EXPECTED, (max: unknown) => typeof max === 'number' || isAdaptive(max)],
  queue: [0, 'a whole number of at least 0, or Infinity', (size: number) => size >= 0 && !(size % 1)],
  maxWait: [0, 'a number of at least 0', (ms: number) => ms >= 0],
  order: oneOf('fifo', 'lifo'),
  by: GATE_KEY,
};

/**
 * Lets at most so many attempts be in flight at a time; the others wait. An attempt is in flight until its headers have
 * come or, with a selector, until its body was read. Between two attempts, a request holds no slot.
 *
 * - A retry is let in before first attempts, since it has waited before: retries without end (`attempts: Infinity`) can
 *   keep those out. Else the first that came is first, or with `order: 'lifo'` the last: under overload the newest are
 *   the likeliest to be still wanted.
 * - An attempt with several places to go to prefers one with a free slot.
 * - An attempt is rejected if `queue` others wait, or after `maxWait`. `timeout` has not begun while it waits;
 *   `totalTimeout`, `signal` and unsubscribing end the wait. A hedge is sent only if a slot is free.
 * - `max` can be an algorithm that finds the limit: `aimd`, `vegas`, `gradient`, or your own. It learns from the time
 *   to the headers, or to the first value. Network errors, timeouts and the statuses 429, 502, 503 and 504 are drops.
 *   Other statuses of 400 and above, and what was cancelled, tell it nothing. In the bare operator, every error but an
 *   AbortError is a drop. If the limit shrinks, what is in flight goes on.
 *
 * Make it once, beside the client, and list it last: what a gate after it holds would hold a slot, too.
 *
 * **A request inside a request can wait for ever.** If all slots are held by requests that wait for another request of
 * the same limit (an interceptor that refreshes a token, an item of a stream that loads its details), no slot becomes
 * free. Give the inner request `strategy: { gates: [] }`, or a key of its own with `by`.
 *
 * @returns the gate, for `strategy.gates`
 * @throws TypeError or RangeError that names the bad option
 *
 * @example At most six requests at a time to each origin. A request that has waited for 5 s is rejected.
 * ```ts
 * import { concurrencyLimit, RetryClient } from 'rxjs-retry-client';
 *
 * const limit = concurrencyLimit({ max: 6, maxWait: 5_000 });
 * limit.changes$.subscribe(({ key, inFlight, queued }) => {
 *   console.log(`${key}: ${inFlight} in flight, ${queued} wait`);
 * });
 *
 * export const client = new RetryClient({ strategy: { gates: [limit] } });
 * ```
 * @see {@link https://github.com/Netflix/concurrency-limits | Netflix's concurrency-limits}, for the algorithms
 */
export function concurrencyLimit<State = unknown>(
  options: ConcurrencyLimitOptions<State>,
): Gate & ObservableState<ConcurrencyLimitSnapshot> {
  checkKnownOptions(options, RULES);
  const { max, queue = Infinity, maxWait = Infinity, order = 'fifo', by = 'origin' } = options;
  check('max', max, typeof max === 'number' ? FIXED_MAX : RULES.max);
  const adaptive = typeof max === 'number' ? undefined : max;
  const limit = typeof max === 'number' ? max : limitOf(max, max.initial);
  const config = { adaptive, limit, queue, maxWait, order };

  const pools = new KeyedState<SlotPool<State>, ConcurrencyLimitSnapshot>({
    by,
    create: (key) =>
      new SlotPool(config, () => {
        pools.notify(key);
      }),
    isInUse: ({ inFlight, queued }) => inFlight + queued > 0,
    snapshotOf: ({ limit, inFlight, queued }) => ({ limit, inFlight, queued }),
  });

  return {
    ...defineGate<Measurement<State>>({
      name: 'concurrency-limit',
      delay: (attempt) => (pools.peek(pools.keyOf(attempt))?.hasRoom === false ? UNKNOWN_DELAY : 0),
      admit: (attempt, memo) => {
        const pool = pools.use(pools.keyOf(attempt));
        if (!adaptive && pool.hasRoom) return pool.take();
        return new Observable<void>((subscriber) => {
          const slot = new Slot(subscriber, attempt.number > 1);
          Object.assign(memo, { pool, slot });
          // Before it enters: a listener of changes$ can end the request at once.
          subscriber.add(() => {
            pool.leave(slot);
          });
          const rejection = pool.enter(slot, !attempt.hedge);
          if (rejection !== undefined) subscriber.error(new Error(rejection));
        });
      },
      ...(adaptive && {
        next: (event, memo) => {
          if (event.type === 'start') memo.start = justNow();
          const { pool, slot, start } = memo;
          const outcome = outcomeOf(event);
          if (!pool || !slot || start === undefined || !outcome) return;
          // Only the first outcome counts.
          memo.start = undefined;
          const dropped = wasDropped(outcome);
          if (dropped !== undefined) pool.addSample({ rtt: justNow() - start, inflight: slot.inflight, dropped });
        },
      }),
    }),
    snapshot: pools.snapshot,
    changes$: pools.changes$,
  };
}
