import { Observable, type Subscription } from 'rxjs';

import type { Gate } from '../retry/gate.js';
import { now } from '../util/clock.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { type Linked, LinkedList } from '../util/linked-list.js';
import { check, type OptionRule } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { sharedTimer } from '../util/request-context.js';
import { defineGate } from './define-gate.js';
import { type Departure, Gcra, type Rate } from './gcra.js';
import { GATE_KEY, type GateKey, KeyedState, type ObservableState } from './keyed-state.js';
import { reject } from './rejection.js';

/** Options of {@link rateLimit}. */
export interface RateLimitOptions {
  /** How many attempts may begin in each `per` ms: a whole number. */
  readonly permits: number;
  /** In ms. @default 1_000 */
  readonly per?: number | undefined;
  /** How many attempts may begin at once after a pause: a whole number. @default permits */
  readonly burst?: number | undefined;
  /** The longest wait, in ms. An attempt that would have to wait longer is rejected at once. @default Infinity */
  readonly maxWait?: number | undefined;
  /** Which attempts share a limit. @default 'origin' */
  readonly by?: GateKey | undefined;
}

/** The state of a {@link rateLimit} for one key. */
export interface RateLimitSnapshot {
  /** How many attempts may begin at once now. */
  readonly available: number;
  /** How long it is until the whole burst is available, if no further attempts come; in ms. */
  readonly resetAfter: number;
  /** How many attempts wait. */
  readonly queued: number;
}

const WHOLE_NUMBER: OptionRule = [
  1,
  'a whole number of at least 1',
  (count: number) => Number.isInteger(count) && count >= 1,
];

const RULES: OptionRules<RateLimitOptions> = {
  permits: WHOLE_NUMBER,
  per: [1, 'a finite number above 0', (ms: number) => ms > 0 && ms < Infinity],
  burst: WHOLE_NUMBER,
  maxWait: [1, 'a number of at least 0', (ms: number) => ms >= 0],
  by: GATE_KEY,
};

/**
 * A gate that lets attempts begin at a steady rate. After a pause `burst` of them may begin at once; those that follow
 * are spaced evenly, `per / permits` ms apart. The others wait, first come, first served.
 *
 * In any T ms at most `burst + T · permits / per` attempts begin. To never exceed a server's "100 in a minute", choose
 * `burst` and `permits` so that this is 100: `{ permits: 90, per: 60_000, burst: 10 }`.
 *
 * Whoever leaves while waiting gives the place back, and those behind move up. An attempt that another gate rejects or
 * holds until it is left gives back its permit, too.
 *
 * @throws TypeError or RangeError that names the bad option
 *
 * @example At most 10 attempts a second to each origin; one that would wait for more than 5 s is rejected.
 * ```ts
 * import { rateLimit, RetryClient } from 'rxjs-retry-client';
 *
 * const limit = rateLimit({ permits: 10, maxWait: 5_000 });
 * export const client = new RetryClient({ strategy: { gates: [limit] } });
 * limit.changes$.subscribe(({ key, queued }) => {
 *   if (queued > 0) console.warn(`${queued} requests to ${key} wait`);
 * });
 * ```
 * @see {@link https://github.com/brandur/redis-cell | redis-cell}, whose algorithm (GCRA) it is
 */
export function rateLimit(options: RateLimitOptions): Gate & ObservableState<RateLimitSnapshot> {
  checkKnownOptions(options, RULES);
  const { permits, per = 1_000, burst = permits, maxWait = Infinity, by = 'origin' } = options;
  check('permits', permits, RULES.permits);
  const rate: Rate = { permits, per, burst };
  const limits = new KeyedState<KeyLimit, RateLimitSnapshot>({
    by,
    create: (key) => {
      const onChange = (): void => {
        limits.notify(key);
      };
      return new KeyLimit(rate, onChange);
    },
    isInUse: (limit) => limit.queued > 0,
    snapshotOf: (limit) => limit.snapshot(),
  });
  /** The attempts that have a permit, and are not sent yet. */
  return {
    ...defineGate<RateLimitMemo>({
      name: 'rate-limit',
      queues: true,
      delay: (attempt) => limits.peek(limits.keyOf(attempt))?.delay() ?? 0,
      admit: (attempt, memo) => {
        const limit = limits.use(limits.keyOf(attempt));
        const delay = limit.delay();
        return delay > maxWait
          ? reject(`the wait would be ${delay} ms, and maxWait is ${maxWait} ms`, delay - maxWait)
          : limit.permit(memo);
      },
      next: ({ type }, memo) => {
        if (type === 'start') memo.isSent = true;
      },
    }),
    snapshot: limits.snapshot,
    changes$: limits.changes$,
  };
}

/** What a limit notes about an attempt. */
interface RateLimitMemo {
  isSent?: boolean;
}

/** An attempt that waits. */
interface Waiter extends Linked<Waiter> {
  /** Lets it go. */
  readonly go: () => void;
}

/**
 * The limit of one key, and the attempts that wait.
 *
 *     free ◄──► waiting
 *
 * There is a timer only while attempts wait, for the first of them. Those behind have no time of their own: it follows
 * from how many are ahead. So an attempt leaves in constant time. {@link KeyedState} owns it.
 */
class KeyLimit {
  readonly #gcra: Gcra;
  /** The attempts that wait, in the order in which they came. */
  readonly #queue = new LinkedList<Waiter>();
  readonly #onChange: () => void;
  #timer: Subscription | undefined;

  constructor(rate: Rate, onChange: () => void) {
    this.#gcra = new Gcra(rate);
    this.#onChange = onChange;
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Computes how long an attempt would wait that came now, in ms. */
  delay(): number {
    return this.#gcra.delay(now(), this.queued);
  }

  snapshot(): RateLimitSnapshot {
    const time = now();
    const { queued } = this;
    return {
      available: queued > 0 ? 0 : this.#gcra.available(time),
      resetAfter: this.#gcra.resetAfter(time, queued),
      queued,
    };
  }

  /**
   * Emits when the attempt has its permit: at once, or when its turn has come. Its teardown gives back the place, or
   * the permit of an attempt that was not sent.
   */
  permit(memo: RateLimitMemo): Observable<void> {
    return new Observable((subscriber) => {
      let departure: Departure | undefined;
      const go = (): void => {
        departure = this.#gcra.take(now());
        this.#onChange();
        subscriber.next();
      };
      const waiter: Waiter = { go, previous: undefined, next: undefined };
      if (this.delay() > 0 || this.queued > 0) this.#wait(waiter);
      else go();
      return () => {
        if (this.#queue.remove(waiter)) this.#onLeft();
        else if (departure && !memo.isSent) this.#giveBack(departure);
      };
    });
  }

  #wait(waiter: Waiter): void {
    this.#queue.push(waiter);
    this.#startTimer();
    this.#onChange();
  }

  #onLeft(): void {
    if (this.queued === 0) this.#stopTimer();
    this.#onChange();
  }

  #giveBack(departure: Departure): void {
    this.#gcra.giveBack(departure, now());
    // The first one may go earlier now.
    this.#stopTimer();
    this.#startTimer();
    this.#onChange();
  }

  #startTimer(): void {
    if (this.queued === 0) return;
    this.#timer ??= sharedTimer(this.#gcra.delay(now(), 0), () => {
      this.#letGo();
    });
  }

  #stopTimer(): void {
    this.#timer?.unsubscribe();
    this.#timer = undefined;
  }

  /** Lets those go whose time has come. What they do can have others come, or leave. */
  #letGo(): void {
    for (let next = this.#queue.first; next && this.#gcra.delay(now(), 0) === 0; next = this.#queue.first) {
      this.#queue.remove(next);
      runAndReportErrors(next.go);
    }
    this.#stopTimer();
    this.#startTimer();
  }
}
