import fc from 'fast-check';
import { asyncScheduler, BehaviorSubject, Observable, Subject, Subscription, timer } from 'rxjs';

import {
  type AttemptEvent,
  circuitBreaker,
  concurrencyLimit,
  constant,
  defineGate,
  type Gate,
  type GateAttempt,
  hedging,
  type HttpAttempt,
  type Interceptor,
  openWhen,
  rateLimit,
  RetryClient,
  retryBudget,
  serverLimit,
} from '../../src/index.js';
import { findSequenceViolation } from '../support/attempt-events.js';
import { inVirtualTime } from '../support/virtual-time.js';

const HOSTS = ['http://eu.test/', 'http://us.test/'] as const;
/** Of the rate limit. */
const RATE = { permits: 2, per: 100, burst: 1 };
const MAX = 3;
const BUDGET = { ratio: 0.5, minPerSecond: 1, window: 10_000 };

/** What the network does with one sending. */
interface Answer {
  readonly after: number;
  readonly kind: 'ok' | 'busy' | 'asks' | 'down' | 'empty';
}

/** One request, and when its consumer leaves, if it does. */
interface Request {
  readonly at: number;
  readonly method: 'GET' | 'POST';
  readonly leavesAfter: number | undefined;
}

interface Plan {
  readonly requests: readonly Request[];
  readonly answers: readonly Answer[];
  /** Which gates there are, in their one order. */
  readonly gates: readonly boolean[];
  readonly hedge: number | undefined;
  readonly attempts: number;
  readonly rotation: 'cycle' | 'hold';
  readonly hosts: 1 | 2;
  /** When the gate that is `open$` closes and opens. */
  readonly closedFrom: number;
  readonly closedFor: number;
  readonly wakesAt: number;
  readonly closesClientAt: number | undefined;
}

const ANSWER: fc.Arbitrary<Answer> = fc.record({
  after: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
  kind: fc.constantFrom('ok', 'ok', 'busy', 'asks', 'down', 'empty'),
});

const PLAN: fc.Arbitrary<Plan> = fc.record({
  requests: fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 200 }),
      method: fc.constantFrom('GET', 'GET', 'POST'),
      leavesAfter: fc.option(fc.integer({ min: 0, max: 150 }), { nil: undefined, freq: 2 }),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  answers: fc.array(ANSWER, { minLength: 1, maxLength: 12 }),
  gates: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  hedge: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined, freq: 1 }),
  attempts: fc.integer({ min: 1, max: 4 }),
  rotation: fc.constantFrom('cycle', 'hold'),
  hosts: fc.constantFrom(1, 2),
  closedFrom: fc.integer({ min: 0, max: 100 }),
  closedFor: fc.integer({ min: 0, max: 300 }),
  wakesAt: fc.integer({ min: 0, max: 300 }),
  closesClientAt: fc.option(fc.integer({ min: 50, max: 400 }), { nil: undefined, freq: 6 }),
});

/** A gate that keeps books of what it let in and what left it. */
class Ledger {
  readonly gate: Gate;
  readonly violations: string[] = [];
  inside = 0;
  readonly #open = new Map<GateAttempt, 'let in' | 'started' | 'ended'>();

  constructor(name: string, wake$?: Observable<unknown>) {
    this.gate = defineGate({
      name,
      admit: (attempt) =>
        new Observable<void>((subscriber) => {
          if (this.#open.has(attempt)) this.violations.push('an attempt is let in twice');
          this.#open.set(attempt, 'let in');
          this.inside += 1;
          subscriber.next();
          return () => {
            this.inside -= 1;
            if (!this.#open.delete(attempt)) this.violations.push('an attempt is left twice');
          };
        }),
      next: ({ type, attempt }) => {
        const state = this.#open.get(attempt);
        if (type === 'retry' && state === undefined) return;
        if (state === undefined) this.violations.push(`${type} of an attempt that is not inside`);
        if (type === 'start' && state !== 'let in') this.violations.push('a second start');
        if (type === 'start') this.#open.set(attempt, 'started');
      },
      ...(wake$ && { wake$ }),
    });
  }
}

/** What the network saw. */
interface Sending {
  readonly origin: string;
  readonly at: number;
}

/** Does something later, in virtual time. */
function later(ms: number, work: () => void): Subscription {
  return timer(ms).subscribe(work);
}

function runPlan(plan: Plan): string[] {
  const violations: string[] = [];
  inVirtualTime(({ flush }) => {
    const open$ = new BehaviorSubject(true);
    const wake$ = new Subject<void>();
    const outer = new Ledger('outer', wake$);
    const inner = new Ledger('inner');
    const budget = retryBudget({ ...BUDGET, by: 'all' });
    const breaker = circuitBreaker({ minimumThroughput: 3, breakDuration: 50, samplingDuration: 1_000 });
    const server = serverLimit({ maxWait: 500 });
    const rate = rateLimit(RATE);
    const limit = concurrencyLimit({ max: MAX });
    const isOn = (index: number): boolean => plan.gates[index] ?? false;
    const gates = [
      outer.gate,
      ...(isOn(0) ? [openWhen({ open$ })] : []),
      ...(isOn(1) ? [budget] : []),
      ...(isOn(2) ? [breaker] : []),
      ...(isOn(3) ? [server] : []),
      ...(isOn(4) ? [rate] : []),
      ...(isOn(5) ? [limit] : []),
      inner.gate,
    ];

    const sendings: Sending[] = [];
    const inFlight = new Map<string, number>();
    const interceptor: Interceptor = (request) =>
      new Observable((subscriber) => {
        const { origin } = new URL(request.url);
        const answer = plan.answers[sendings.length % plan.answers.length] as Answer;
        sendings.push({ origin, at: asyncScheduler.now() });
        const count = (inFlight.get(origin) ?? 0) + 1;
        inFlight.set(origin, count);
        if (isOn(5) && count > MAX) violations.push(`${count} in flight`);
        const answerNow = (): void => {
          if (answer.kind === 'down') subscriber.error(new TypeError('Failed to fetch'));
          else if (answer.kind === 'empty') subscriber.complete();
          else {
            const status = { ok: 200, busy: 503, asks: 429 }[answer.kind];
            const headers = answer.kind === 'asks' ? { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' } : {};
            subscriber.next(new Response(null, { status, headers }));
            subscriber.complete();
          }
        };
        subscriber.add(() => inFlight.set(origin, (inFlight.get(origin) ?? 0) - 1));
        if (answer.after > 0) subscriber.add(later(answer.after, answerNow));
        else answerNow();
      });
    const client = new RetryClient({
      baseUrl: HOSTS.slice(0, plan.hosts),
      interceptors: [interceptor],
      strategy: {
        gates,
        attempts: plan.attempts,
        backoff: constant(10),
        rotation: plan.rotation,
        errors: [Error],
        ...(plan.hedge !== undefined && { hedge: hedging({ after: plan.hedge, max: 2 }) }),
      },
    });
    const events: AttemptEvent<unknown, HttpAttempt>[] = [];
    client.attempts$.subscribe((event) => events.push(event));

    const ends: number[] = [];
    let values = 0;
    plan.requests.forEach((request, index) => {
      later(request.at, () => {
        const settle = (): void => {
          ends[index] = (ends[index] ?? 0) + 1;
        };
        const subscription = new Subscription();
        let received = 0;
        subscription.add(
          client.request(request.method, 'x').subscribe({
            next: () => {
              received += 1;
              values += 1;
              if (received > 1) violations.push('more than one body was handed over');
            },
            error: settle,
            complete: settle,
          }),
        );
        if (request.leavesAfter === undefined) return;
        later(request.leavesAfter, () => {
          if (ends[index] === undefined) settle();
          subscription.unsubscribe();
        });
      });
    });
    later(plan.closedFrom, () => {
      open$.next(false);
    });
    later(plan.closedFrom + plan.closedFor, () => {
      open$.next(true);
    });
    later(plan.wakesAt, () => {
      wake$.next();
    });
    if (plan.closesClientAt !== undefined) {
      later(plan.closesClientAt, () => {
        client.close();
      });
    }
    flush();

    plan.requests.forEach((_, index) => {
      if (ends[index] !== 1) violations.push(`request ${index} was settled ${ends[index] ?? 0} times`);
    });
    // Requests that were sent after the client was closed have no events.
    const violation = findSequenceViolation(events);
    if (violation !== undefined) violations.push(violation);
    violations.push(...outer.violations, ...inner.violations);
    if (outer.inside + inner.inside !== 0) violations.push(`${outer.inside} and ${inner.inside} are still inside`);
    for (const { inFlight: left, queued } of limit.snapshot().values()) {
      if (left + queued > 0) violations.push(`${left} slots are lost, ${queued} wait`);
    }
    for (const { queued } of rate.snapshot().values()) if (queued > 0) violations.push(`${queued} wait for a permit`);
    if (wake$.observed || open$.observed) violations.push('a gate is still subscribed to');
    for (const [origin, count] of inFlight) if (count > 0) violations.push(`${count} to ${origin} are still in flight`);

    if (isOn(4)) {
      for (const origin of new Set(sendings.map(({ origin: of }) => of))) {
        const times = sendings.filter((sending) => sending.origin === origin).map(({ at }) => at);
        times.forEach((from, index) => {
          const count = times.slice(index).filter((at) => at < from + RATE.per).length;
          if (count > RATE.permits + RATE.burst + 1) {
            violations.push(`${count} were sent to ${origin} in ${RATE.per} ms`);
          }
        });
      }
    }
    if (isOn(1)) {
      // A first attempt that was not sent puts nothing in.
      const firsts = events.filter(({ type, attempt }) => type === 'start' && attempt.number === 1).length;
      const others = sendings.length - firsts;
      const allowed = (BUDGET.minPerSecond * BUDGET.window) / 1_000 + BUDGET.ratio * firsts;
      if (others > allowed) violations.push(`${others} retries and hedges, ${allowed} were allowed`);
    }
    if (values > sendings.length) violations.push('a value without a sending');

    // No probe or place is lost: new requests get through in the end.
    if (plan.closesClientAt === undefined) {
      let succeeded = 0;
      later(3_000, () => {
        client.get('x', { strategy: { attempts: 20, errors: [Error], shouldRetry: () => false } }).subscribe({
          next: () => {
            succeeded += 1;
          },
          error: () => {
            succeeded += 1;
          },
          complete: () => {
            succeeded += 1;
          },
        });
      });
      flush();
      if (succeeded === 0) violations.push('a later request never ends');
    }
  });
  return violations;
}

describe('gates, in any mix', () => {
  it('hold what they promise, for any outcomes and any moment of leaving', () => {
    fc.assert(
      fc.property(PLAN, (plan) => {
        const violations = runPlan(plan);
        if (violations.length > 0) throw new Error(violations.join('\n'));
      }),
      { numRuns: 400 },
    );
  });
});
