import * as fc from 'fast-check';
import { asyncScheduler, type Subscription, timer } from 'rxjs';

import { circuitBreaker, type CircuitState, type GateAttempt } from '../../src/index.js';
import { GATE } from '../../src/retry/gate.js';
import { askGate, tellGate } from '../support/ask-gate.js';
import { inVirtualTime } from '../support/virtual-time.js';

/** What happens next, so many ms after the last step. `which` chooses one of the attempts under way. */
type Step = { readonly after: number } & (
  | { readonly does: 'arrive'; readonly attempt: 'first' | 'retry' | 'hedge' }
  | { readonly does: 'answer' | 'fail' | 'cancel' | 'vanish' | 'end' | 'leave'; readonly which: number }
  | { readonly does: 'isolate' | 'close' }
);

const after = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 120 }));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      after,
      does: fc.constant('arrive' as const),
      attempt: fc.constantFrom('first' as const, 'retry' as const, 'retry' as const, 'hedge' as const),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      after,
      does: fc.constantFrom('answer', 'fail', 'fail', 'cancel', 'vanish', 'end', 'leave'),
      which: fc.nat(5),
    }),
  },
  { weight: 1, arbitrary: fc.record({ after, does: fc.constantFrom('isolate' as const, 'close' as const) }) },
);

interface Options {
  readonly probes: number;
  readonly minimumThroughput: number;
  readonly blocks: 'attempts' | 'retries';
}
const options: fc.Arbitrary<Options> = fc.record({
  probes: fc.integer({ min: 1, max: 3 }),
  minimumThroughput: fc.integer({ min: 1, max: 4 }),
  blocks: fc.constantFrom('attempts' as const, 'retries' as const),
});

const BREAK_MS = 100;

/** The rules once more, as simple as can be: without windows, leases and timers. */
class ReferenceCircuit {
  state: CircuitState = 'closed';
  period = 0;
  openedAt = 0;
  answers = 0;
  failures = 0;

  constructor(readonly options: Options) {}

  become(state: CircuitState): void {
    this.state = state;
    this.period += 1;
    this.openedAt = asyncScheduler.now();
    if (state === 'closed') this.answers = this.failures = 0;
  }

  arrive(): void {
    if (this.state === 'open' && asyncScheduler.now() - this.openedAt >= BREAK_MS) this.become('half-open');
  }

  record(isFailure: boolean): void {
    if (isFailure) this.failures += 1;
    else this.answers += 1;
    const all = this.answers + this.failures;
    if (this.state === 'half-open') this.become(isFailure ? 'open' : 'closed');
    else if (
      this.state === 'closed' &&
      isFailure &&
      all >= this.options.minimumThroughput &&
      this.failures * 2 >= all
    ) {
      this.become('open');
    }
  }
}

/** An attempt that asked the gate. */
interface Applicant {
  readonly attempt: GateAttempt;
  readonly memo: object;
  phase: 'asking' | 'admitted' | 'rejected' | 'over';
  lease: Subscription | undefined;
  period: number;
  isProbe: boolean;
  isSettled: boolean;
  decisions: number;
}

/** Runs steps against a breaker and the reference, and checks the laws after each. */
class CircuitTrial {
  readonly #breaker;
  readonly #gate;
  readonly #reference;
  readonly #applicants: Applicant[] = [];

  constructor(readonly options: Options) {
    this.#breaker = circuitBreaker({ ...options, samplingDuration: 1e9, breakDuration: BREAK_MS });
    this.#gate = this.#breaker[GATE].definition;
    this.#reference = new ReferenceCircuit(options);
  }

  run(step: Step): void {
    switch (step.does) {
      case 'arrive':
        this.#arrive(step.attempt);
        break;
      case 'isolate':
        this.#reference.become('isolated');
        this.#breaker.isolate('all');
        break;
      case 'close':
        if (this.#breaker.snapshot().size > 0) this.#reference.become('closed');
        this.#breaker.close('all');
        break;
      default:
        this.#happen(step.does, step.which);
    }
    this.check();
  }

  #arrive(kind: 'first' | 'retry' | 'hedge'): Applicant {
    const attempt: GateAttempt = {
      number: kind === 'retry' ? 2 : 1,
      of: 3,
      requestId: String(this.#applicants.length),
      startedAt: 0,
      ...(kind === 'hedge' && { hedge: true }),
    };
    const applicant: Applicant = {
      attempt,
      memo: {},
      phase: 'asking',
      lease: undefined,
      period: NaN,
      isProbe: false,
      isSettled: false,
      decisions: 0,
    };
    this.#applicants.push(applicant);
    const before = this.#breaker.snapshot('all');
    const delay = this.#gate.delay?.(attempt) ?? 0;
    expect(this.#breaker.snapshot('all')).toEqual(before);
    const admitted$ = askGate(this.#breaker, attempt, applicant.memo);
    this.#reference.arrive();
    applicant.lease = admitted$.subscribe({
      next: () => {
        this.#admit(applicant);
      },
      error: () => {
        applicant.decisions += 1;
        applicant.phase = 'rejected';
      },
    });
    // The question and the deed agree.
    expect(delay === 0).toBe(applicant.phase === 'admitted');
    return applicant;
  }

  #admit(applicant: Applicant): void {
    applicant.decisions += 1;
    applicant.phase = 'admitted';
    applicant.period = this.#reference.period;
    const { state } = this.#breaker.snapshot('all');
    applicant.isProbe = state === 'half-open' && this.#probes().length < this.options.probes;
    tellGate(this.#breaker, { type: 'start', attempt: applicant.attempt }, applicant.memo);
  }

  #probes(): Applicant[] {
    return this.#applicants.filter(
      ({ phase, isProbe, period }) => phase === 'admitted' && isProbe && period === this.#reference.period,
    );
  }

  #happen(what: 'answer' | 'fail' | 'cancel' | 'vanish' | 'end' | 'leave', which: number): void {
    const isHeld = what === 'leave';
    const candidates = this.#applicants.filter(({ phase }) => phase === (isHeld ? 'asking' : 'admitted'));
    const applicant = candidates[which % Math.max(1, candidates.length)];
    if (!applicant) return;
    const { attempt, memo } = applicant;
    if ((what === 'answer' || what === 'fail') && !applicant.isSettled) {
      applicant.isSettled = true;
      // Before the gate, as what it lets in then is of the next period.
      if (applicant.period === this.#reference.period) this.#reference.record(what === 'fail');
      if (what === 'answer') tellGate(this.#breaker, { type: 'value', attempt, value: 1, elapsed: 0 }, memo);
      else {
        const outcome = { attempt, kind: 'error', error: new Error('down') } as const;
        tellGate(this.#breaker, { type: 'retry', attempt, outcome, elapsed: 0, delay: 0 }, memo);
      }
    }
    if (what === 'cancel') tellGate(this.#breaker, { type: 'cancel', attempt, elapsed: 0, total: 0 }, memo);
    if (what !== 'answer' && what !== 'fail') this.#over(applicant);
  }

  #over(applicant: Applicant): void {
    applicant.phase = 'over';
    applicant.lease?.unsubscribe();
  }

  check(): void {
    const { state, throughput } = this.#breaker.snapshot('all');
    const held = this.#applicants.filter(({ phase }) => phase === 'asking');
    expect(state).toBe(this.#reference.state);
    expect(throughput).toBe(this.#reference.answers + this.#reference.failures);
    expect(this.#probes().length).toBeLessThanOrEqual(this.options.probes);
    // Retries are held only while there are as many probes as may be.
    if (held.length > 0) {
      expect(state).toBe('half-open');
      expect(this.#probes().length).toBe(this.options.probes);
      expect(held.every(({ attempt }) => attempt.number > 1)).toBeTrue();
    }
    expect(this.#applicants.every(({ decisions }) => decisions <= 1)).toBeTrue();
  }

  /** Ends all attempts, and returns the state after the next one was answered. */
  finish(): CircuitState {
    for (const applicant of this.#applicants) {
      if (applicant.phase === 'asking' || applicant.phase === 'admitted') this.#over(applicant);
      this.check();
    }
    const next = this.#arrive('first');
    if (next.phase === 'admitted') {
      tellGate(this.#breaker, { type: 'success', attempt: next.attempt, elapsed: 0, total: 0 }, next.memo);
    }
    return this.#breaker.snapshot('all').state;
  }
}

describe('Of any attempts, in any order,', () => {
  it('a circuit lets in and counts those that its rules say, and is never half-open for good', () => {
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 60 }), (chosen, steps) => {
        inVirtualTime(({ flush }) => {
          const trial = new CircuitTrial(chosen);
          let frame = 0;
          for (const each of steps) {
            frame += each.after;
            timer(frame).subscribe(() => {
              trial.run(each);
            });
          }
          let last: CircuitState | undefined;
          timer(frame + BREAK_MS).subscribe(() => {
            last = trial.finish();
          });
          flush();
          expect(last).not.toBe('half-open');
          expect(last).not.toBe('open');
          // Nothing is left that could fire.
          expect(asyncScheduler.now()).toBe(frame + BREAK_MS);
        });
      }),
      { numRuns: 300 },
    );
  });
});
