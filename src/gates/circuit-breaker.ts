import type { Gate } from '../retry/gate.js';
import type { Outcome } from '../retry/outcome.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { check, FUNCTION, oneOf, type OptionRule } from '../util/option-rule.js';
import { isServerAnswer, isServerFailure, outcomeOf } from './attempt-outcomes.js';
import { BREAK_DURATION_MS, Circuit, type CircuitMemo, type CircuitSnapshot } from './circuit.js';
import { defineGate } from './define-gate.js';
import { GATE_KEY, type GateKey, KeyedState, type ObservableState } from './keyed-state.js';

/** Options of {@link circuitBreaker}. */
export interface CircuitBreakerOptions {
  /** The circuit opens when at least this part of the attempts failed, from 0 to 1. @default 0.5 */
  readonly failureRatio?: number | undefined;
  /** It opens only if so many attempts had an outcome in `samplingDuration`. @default 20 */
  readonly minimumThroughput?: number | undefined;
  /**
   * How long an outcome counts, in ms. A probe whose outcome is not known after this time no longer keeps others from
   * being sent.
   *
   * @default 30_000
   */
  readonly samplingDuration?: number | undefined;
  /**
   * How long the circuit stays open, in ms, or a function that returns it. The function gets the number of openings
   * since the circuit was closed: 1 for the first.
   *
   * @default 5_000
   */
  readonly breakDuration?: number | ((openings: number) => number) | undefined;
  /** The number of probes at a time, after the break. The first one that has an outcome decides. @default 1 */
  readonly probes?: number | undefined;
  /**
   * Whether an outcome is a failure. What is not one is an answer, except that errors in a request that was not sent
   * count as nothing.
   *
   * @default isServerFailure
   */
  readonly isFailure?: ((outcome: Outcome) => boolean) | undefined;
  /** What an open circuit holds back. With `'retries'` first attempts always pass. @default 'attempts' */
  readonly blocks?: 'attempts' | 'retries' | undefined;
  /** Which attempts share a circuit. @default 'origin' */
  readonly by?: GateKey | undefined;
}

/** The gate that {@link circuitBreaker} makes. */
export interface CircuitBreaker extends Gate, ObservableState<CircuitSnapshot> {
  /**
   * Opens a circuit until `close` is called: for maintenance, or a server that is known to be broken. Retries that it
   * holds are rejected. Attempts under way go on; what becomes of them is ignored.
   *
   * @param key - of the circuit, as in `snapshot()`: an origin, such as `https://api.example.com`; or `all`
   */
  isolate(key: string): void;
  /**
   * Closes a circuit, and forgets its counts. Retries that it holds are sent. Outcomes of attempts under way are
   * ignored.
   */
  close(key: string): void;
}

const WHOLE: OptionRule = [0, 'a whole number of at least 1', (n: number) => Number.isInteger(n) && n >= 1];
const KEY: OptionRule = ['', "a circuit's key"];
const BREAK: OptionRule = [
  0,
  'a finite number of at least 0, or a function that returns one',
  (ms: number) => ms >= 0 && ms < Infinity,
];

const RULES: OptionRules<CircuitBreakerOptions> = {
  failureRatio: [0, 'a number from 0 to 1', (ratio: number) => ratio >= 0 && ratio <= 1],
  minimumThroughput: WHOLE,
  samplingDuration: [0, 'a finite number above 0', (ms: number) => ms > 0 && ms < Infinity],
  breakDuration: BREAK,
  probes: WHOLE,
  isFailure: FUNCTION,
  blocks: oneOf('attempts', 'retries'),
  by: GATE_KEY,
};

/**
 * Makes a gate that stops sending to a server that fails, and tries from time to time whether it works again. Each
 * origin has a circuit of its own.
 *
 * - **closed**: attempts are sent. After each failure the circuit opens if, in the last `samplingDuration`, at least
 *   `minimumThroughput` attempts had an outcome, and at least `failureRatio` of them failed.
 * - **open**, for `breakDuration`: first attempts are rejected with a `GateRejectedError`, whose `retryAfter` is the
 *   rest of the break. Retries wait for it, up to `maxRetryAfter`. With several base URLs, attempts go to another one.
 * - **half-open**, once an attempt comes after the break: it is sent as a probe, `probes` at a time. Other first
 *   attempts are rejected, and retries are held. The first probe that has an outcome decides: an answer closes the
 *   circuit, a failure opens it again. Retries that are held are sent, or rejected.
 * - **isolated**: open until `close(key)` is called.
 *
 * A network error, a timeout of the attempt and a status of 500 or above are failures. Headers settle an attempt, or
 * its first value where there are none. Statuses below 500 are answers, and so is 429: see `rateLimit` and
 * `serverLimit`. A request that is cancelled counts as nothing, and so does one that its `totalTimeout` ends. For a
 * server that hangs to count, `timeout` must be shorter than `totalTimeout`. An attempt that began before the circuit
 * last changed is ignored.
 *
 * A probe that ends without an outcome makes room for the next one. So does a probe that has none after
 * `samplingDuration`; it still counts if it comes.
 *
 * A hedge is blocked as a retry is, because it is a sending that the server could be spared. It is never held.
 *
 * With `blocks: 'retries'` first attempts are sent in all states, `isolated` included. That suits a server of which a
 * part fails, and clients with little traffic.
 *
 * @returns the gate, for `strategy.gates`; it shows the state of each circuit
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts
 * import { circuitBreaker, RetryClient } from 'rxjs-retry-client';
 *
 * const breaker = circuitBreaker({ breakDuration: (openings) => Math.min(60_000, 1_000 * 2 ** openings) });
 * breaker.changes$.subscribe(({ key, state, failureRatio }) => {
 *   if (state === 'open') console.warn(`${key} is given a rest: ${failureRatio * 100} % of its answers failed`);
 * });
 *
 * export const client = new RetryClient({
 *   baseUrl: ['https://eu.example.com', 'https://us.example.com'],
 *   strategy: { gates: [breaker] },
 * });
 * ```
 * @see {@link https://www.pollydocs.org/strategies/circuit-breaker.html | Polly}, whose windows and rules it has
 * @see {@link https://brooker.co.za/blog/2022/02/16/circuit-breakers.html | Will circuit breakers solve my problems?},
 * on `blocks: 'retries'`
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): CircuitBreaker {
  checkKnownOptions(options, {
    ...RULES,
    ...(typeof options.breakDuration === 'function' && { breakDuration: FUNCTION }),
  });
  const {
    failureRatio = 0.5,
    minimumThroughput = 20,
    samplingDuration = 30_000,
    breakDuration = BREAK_DURATION_MS,
    probes = 1,
    isFailure = isServerFailure,
    blocks = 'attempts',
    by = 'origin',
  } = options;
  const config = { failureRatio, minimumThroughput, samplingDuration, breakDuration, probes, blocks };
  const circuits = new KeyedState<Circuit, CircuitSnapshot>({
    by,
    create: (key) =>
      new Circuit(config, () => {
        circuits.notify(key);
      }),
    isInUse: (circuit) => circuit.isInUse,
    snapshotOf: (circuit) => circuit.snapshot(),
  });
  return {
    ...defineGate<CircuitMemo>({
      name: 'circuit-breaker',
      delay: (attempt) => circuits.peek(circuits.keyOf(attempt))?.delay(attempt) ?? 0,
      admit(attempt, memo) {
        return circuits.use(circuits.keyOf(attempt)).admit(attempt, memo);
      },
      next(event, memo) {
        const { type, attempt } = event;
        if (type === 'start') circuits.peek(circuits.keyOf(attempt))?.begin(memo);
        const { period } = memo;
        if (!period?.circuit.isCurrent(period)) return;
        const outcome = outcomeOf(event);
        if (!outcome) return;
        // Only the first outcome counts.
        memo.period = undefined;
        const failed = isFailure(outcome);
        if (failed || isServerAnswer(outcome)) period.circuit.record(failed);
      },
    }),
    snapshot: ((key: string) => circuits.snapshot(key)) as CircuitBreaker['snapshot'],
    changes$: circuits.changes$,
    isolate(key) {
      check('key', key, KEY);
      circuits.use(key).isolate();
    },
    close(key) {
      check('key', key, KEY);
      circuits.peek(key)?.close();
    },
  };
}
