import { Observable, type Subscriber, type Subscription } from 'rxjs';

import { type GateAttempt, UNKNOWN_DELAY } from '../retry/gate.js';
import { justNow, now } from '../util/clock.js';
import { type Linked, LinkedList } from '../util/linked-list.js';
import { checkNumber } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { sharedTimer } from '../util/request-context.js';
import { reject } from './rejection.js';
import { RollingWindow } from './rolling-window.js';

/** The state of a circuit: `isolated` is open until it is closed by hand. */
export type CircuitState = 'closed' | 'open' | 'half-open' | 'isolated';

/** A circuit as it is seen from outside. */
export interface CircuitSnapshot {
  readonly state: CircuitState;
  /** The failures among the attempts of the last `samplingDuration`: from 0 to 1, and 0 without attempts. */
  readonly failureRatio: number;
  /** The number of attempts of the last `samplingDuration` whose outcome is known. */
  readonly throughput: number;
  /** The rest of the break, in ms; 0 if the circuit is not open, `Infinity` if it is isolated. */
  readonly retryAfter: number;
}

/** When circuits open and close. All circuits of a breaker share it. */
export interface CircuitConfig {
  readonly failureRatio: number;
  readonly minimumThroughput: number;
  /** In ms. */
  readonly samplingDuration: number;
  readonly breakDuration: number | ((openings: number) => number);
  readonly probes: number;
  readonly blocks: 'attempts' | 'retries';
}

/** The break if the caller has no other, in ms. */
export const BREAK_DURATION_MS = 5_000;

/** The counters of the window. */
const ANSWERS = 0;
const FAILURES = 1;

const REJECTIONS = {
  closed: '',
  open: 'the circuit is open',
  'half-open': 'the circuit is half-open, and enough probes are under way',
  isolated: 'the circuit is isolated',
};

/** The time from one change of a circuit to the next. The outcome of an attempt counts in that which it began in. */
export interface Period {
  readonly circuit: Circuit;
}

/** What a breaker notes about an attempt. */
export interface CircuitMemo {
  /** The period in which its outcome counts; absent before it begins, and once the outcome is known. */
  period?: Period | undefined;
}

/** An attempt that asks to be let in. */
interface Applicant extends Linked<Applicant> {
  readonly attempt: GateAttempt;
  readonly memo: CircuitMemo;
  readonly subscriber: Subscriber<unknown>;
}

/** An attempt that tries whether the server works again. */
interface Probe {
  readonly since: number;
}

/**
 * What is known of one server, and what attempts to reach it must do.
 *
 *               too many failures          the break is over, and an attempt comes
 *     closed ──────────────────────► open ──────────────────────────────────────► half-open
 *        ▲                            ▲                                            │    │
 *        │                            └──────────────── a probe fails ─────────────┘    │
 *        └───────────────────────────── a probe is answered ────────────────────────────┘
 *
 * By hand: every state ──► isolated; every state ──► closed. Each change begins a new period: the outcome of an attempt
 * of an earlier one is ignored.
 *
 * A breaker owns one for each key. There is a timer only while retries are held.
 */
export class Circuit {
  readonly #config: CircuitConfig;
  readonly #onChange: () => void;
  readonly #window: RollingWindow;
  #state: CircuitState = 'closed';
  #period: Period = { circuit: this };
  /** How often it has opened since it was closed last. */
  #openings = 0;
  /** Two numbers, because their sum is rounded: the break could end before, or after, what `retryAfter` said. */
  #openedAt = 0;
  #breakDuration = 0;
  /** The probes under way, the oldest first. */
  readonly #probes = new Set<Probe>();
  /** The retries that wait for the verdict, in the order in which they came. */
  readonly #held = new LinkedList<Applicant>();
  #isReleasing = false;
  /** Fires when the oldest probe is overdue. */
  #timer: Subscription | undefined;

  /** @param onChange - called after each change of what `snapshot()` returns; it can call every method */
  constructor(config: CircuitConfig, onChange: () => void) {
    this.#config = config;
    this.#onChange = onChange;
    this.#window = new RollingWindow(config.samplingDuration);
  }

  // ——— Questions.

  snapshot(): CircuitSnapshot {
    const time = now();
    const failures = this.#window.sum(time, FAILURES);
    const throughput = failures + this.#window.sum(time, ANSWERS);
    return {
      state: this.#state,
      failureRatio: throughput && failures / throughput,
      throughput,
      retryAfter: this.#retryAfter(time),
    };
  }

  /** Whether it is more than counts that get lost with it. */
  get isInUse(): boolean {
    return this.#retryAfter(now()) > 0 || this.#probes.size > 0;
  }

  /** How long an attempt would be held, or rejected, in ms. */
  delay(attempt: GateAttempt): number {
    if (this.#state === 'closed' || !this.#isBlockable(attempt)) return 0;
    const time = now();
    return this.#isProbing(time) ? UNKNOWN_DELAY : this.#retryAfter(time);
  }

  #retryAfter(time: number): number {
    if (this.#state === 'isolated') return Infinity;
    return this.#state === 'open' ? Math.max(0, this.#breakDuration - (time - this.#openedAt)) : 0;
  }

  /** Whether the circuit is half-open, and lets no other probe in: there are probes in no other state. */
  #isProbing(time: number): boolean {
    // An overdue probe stays overdue, so that a question may drop it.
    for (const probe of this.#probes) {
      if (time - probe.since < this.#config.samplingDuration) break;
      this.#probes.delete(probe);
    }
    return this.#probes.size >= this.#config.probes;
  }

  #isBlockable({ number, hedge }: GateAttempt): boolean {
    return this.#config.blocks === 'attempts' || number > 1 || hedge === true;
  }

  // ——— An attempt asks to be let in.

  /** Lets an attempt in at once, or returns what it has to subscribe to. */
  admit(attempt: GateAttempt, memo: CircuitMemo): Observable<unknown> | undefined {
    if (this.#state === 'closed') return undefined;
    return new Observable((subscriber) => {
      this.#enter({ attempt, memo, subscriber, previous: undefined, next: undefined });
    });
  }

  #enter(applicant: Applicant): void {
    if (this.#state === 'open' && this.#retryAfter(now()) === 0) this.#become('half-open');
    const { number, hedge } = applicant.attempt;
    // A hedge does not wait: it would no longer be worth sending.
    if (number > 1 && !hedge && this.#isProbing(now())) this.#hold(applicant);
    else this.#decide(applicant);
  }

  #hold(applicant: Applicant): void {
    this.#held.push(applicant);
    applicant.subscriber.add(() => {
      this.#held.remove(applicant);
      this.#watchProbes();
    });
    this.#watchProbes();
  }

  /** Lets an attempt in, or rejects it. */
  #decide({ attempt, memo, subscriber }: Applicant): void {
    const state = this.#state;
    const time = now();
    if (state === 'half-open' && !this.#isProbing(time)) {
      this.#addProbe({ since: time }, subscriber);
    } else if (state !== 'closed' && this.#isBlockable(attempt)) {
      // For how long, `delay` says.
      reject(REJECTIONS[state]).subscribe(subscriber);
      return;
    }
    memo.period = this.#period;
    subscriber.next(undefined);
  }

  /** The subscription ends after the attempt's outcome was recorded, so that no other probe starts in between. */
  #addProbe(probe: Probe, subscriber: Subscriber<unknown>): void {
    this.#probes.add(probe);
    subscriber.add(() => {
      this.#probes.delete(probe);
      this.#release();
    });
  }

  /**
   * Decides about the retries that are held, one after the other, each by the state as it is then. What one of them
   * does can call this again. The same loop goes on then: a call for each would overflow the stack.
   */
  #release(): void {
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    for (let { first } = this.#held; first && !this.#isProbing(now()); { first } = this.#held) {
      const applicant = first;
      this.#held.remove(applicant);
      runAndReportErrors(() => {
        this.#decide(applicant);
      });
    }
    this.#isReleasing = false;
    this.#watchProbes();
  }

  /** Waits until the oldest probe is overdue, as long as retries are held. */
  #watchProbes(): void {
    if (this.#held.size === 0) {
      this.#timer?.unsubscribe();
      this.#timer = undefined;
      return;
    }
    const [oldest] = this.#probes;
    if (this.#timer || !oldest) return;
    const wait = this.#config.samplingDuration - (now() - oldest.since);
    this.#timer = sharedTimer(Math.max(0, wait), () => {
      this.#timer = undefined;
      this.#release();
    });
  }

  // ——— What happened to an attempt.

  /** Has an attempt that begins now counted in the present period, even if an inner gate held it for long. */
  begin(memo: CircuitMemo): void {
    if (this.#state === 'closed') memo.period = this.#period;
  }

  /** Whether it is the present period, whose outcomes count. */
  isCurrent(period: Period): boolean {
    return period === this.#period;
  }

  /** Records the outcome of an attempt of the present period. */
  record(isFailure: boolean): void {
    this.#window.add(justNow(), isFailure ? FAILURES : ANSWERS);
    if (this.#state === 'half-open') {
      if (isFailure) this.#open();
      else this.close();
    } else if (isFailure && this.#state === 'closed' && this.#hasTooManyFailures()) {
      this.#open();
    } else {
      this.#onChange();
    }
  }

  #hasTooManyFailures(): boolean {
    const { failureRatio, throughput } = this.snapshot();
    return throughput >= this.#config.minimumThroughput && failureRatio >= this.#config.failureRatio;
  }

  // ——— The state changes.

  isolate(): void {
    this.#become('isolated');
  }

  close(): void {
    this.#window.clear();
    this.#openings = 0;
    this.#become('closed');
  }

  #open(): void {
    const { breakDuration } = this.#config;
    this.#openings += 1;
    let duration = BREAK_DURATION_MS;
    // It opens all the same if the caller's function throws.
    runAndReportErrors(() => {
      duration =
        typeof breakDuration === 'number'
          ? breakDuration
          : checkNumber('what breakDuration returns', breakDuration(this.#openings), 0);
    });
    this.#breakDuration = duration;
    this.#openedAt = now();
    this.#become('open');
  }

  #become(state: CircuitState): void {
    this.#state = state;
    this.#period = { circuit: this };
    this.#probes.clear();
    this.#onChange();
    this.#release();
  }
}
