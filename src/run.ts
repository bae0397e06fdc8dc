import { asyncScheduler, concatMap, type Observable, type Observer, of as just, Subject, Subscriber, type Subscription, tap } from 'rxjs';

import { type Answer, ask } from './ask.js';
import type { Attempt, AttemptEvent, FailureReason, Outcome } from './attempt.js';
import { checkNumber } from './check.js';
import type { Host, Loss } from './host.js';
import { isResponse } from './http-like.js';
import { orReport } from './or-report.js';
import { askedFor, isTooLong } from './pacing.js';
import { nextRequestId } from './request-id.js';
import { judge, type Policy } from './strategy.js';
import { wait } from './wait.js';

/** Gives an error of the strategy's own making the attempt's error as its cause, unless it has one. */
function withCause(error: unknown, outcome: Outcome | undefined): unknown {
  if (outcome?.kind === 'error' && error instanceof Error && error !== outcome.error && error.cause === undefined && Object.isExtensible(error)) {
    Object.defineProperty(error, 'cause', { value: outcome.error, configurable: true, writable: true });
  }
  return error;
}

function valueOf(outcome: Outcome): unknown {
  return outcome.kind === 'value' ? outcome.value : outcome.response;
}

/**
 * One subscription's way through its attempts.
 *
 *     attempt ──► done
 *      ▲   │
 *      │   ├────► given up
 *      │   ▼
 *      wait
 *
 * What the source gives becomes outcomes, and these are judged in order. There is an attempt or a wait, never both; whatever ends the run
 * goes through `settle`.
 *
 * @param of - how many attempts there may be
 * @param asEvents - whether events are emitted in the values' place
 */
export function run<A extends Attempt>(
  source: Observable<unknown>,
  policy: Policy,
  of: number,
  host: Host<A>,
  output: Subscriber<unknown>,
  asEvents: boolean,
): void {
  const { shouldRetry } = policy;
  const requestId = nextRequestId();
  let number = 0;
  let retry = 0;
  let previousDelay = 0;
  let attempt: A;
  /** The attempt's source, or the wait; and the outcomes that `shouldRetry` is asked about. */
  let current: Subscription | undefined;
  let asking: Subscription | undefined;
  let judged: Outcome | undefined;
  let emitted = false;
  let ended = false;
  /** While the source is being subscribed to, its teardown is not known yet: what must come after that is kept until it is. */
  let subscribing = false;
  let afterwards: (() => void) | undefined;

  // ——— An attempt begins.

  const begin = (): void => {
    number += 1;
    const known = { number, of, requestId, startedAt: asyncScheduler.now() };
    attempt = host.describe?.(known) ?? (known as A);
    if (heard()) tell({ type: 'start', attempt });
    // A listener may have ended the run just now.
    if (ended) return;
    let outcomes: Pick<Observer<Outcome>, 'next' | 'complete'> = { next: take, complete: finish };
    if (shouldRetry) {
      const asked = new Subject<Outcome>();
      outcomes = asked;
      asking = asked.pipe(concatMap((outcome) => question(shouldRetry, outcome))).subscribe({ error: crash, complete: finish });
    }
    // No observer, since that could not be unsubscribed while a synchronous source still runs.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const stage = (current = new Subscriber<unknown>({
      next: (value) => {
        outcomes.next(outcomeOf(value));
      },
      error: (error: unknown) => {
        const failure = failureOf(error);
        leave(() => {
          outcomes.next(failure);
        });
      },
      complete: () => {
        outcomes.complete();
      },
    }));
    subscribing = true;
    orReport(() => source.subscribe(stage));
    subscribing = false;
    const next = afterwards;
    afterwards = undefined;
    if (!ended) next?.();
  };

  const outcomeOf = (value: unknown): Outcome =>
    host.outcomeOf?.(value) ?? (isResponse(value) ? { attempt, kind: 'response', response: value } : { attempt, kind: 'value', value });

  const failureOf = (error: unknown): Outcome => {
    const response = (error as { readonly response?: unknown } | null | undefined)?.response;
    return host.failureOf?.(error) ?? { attempt, kind: 'error', error, ...(isResponse(response) && { response }) };
  };

  /** Asks about an outcome; those that come meanwhile wait. */
  const question = (shouldRetry: NonNullable<Policy['shouldRetry']>, outcome: Outcome): Observable<unknown> => {
    judged = outcome;
    return (host.knows?.(outcome) ? just(undefined) : ask(shouldRetry, outcome)).pipe(
      tap((answer) => {
        take(outcome, answer);
      }),
    );
  };

  // ——— An outcome is judged.

  const take = (outcome: Outcome, answer?: Answer): void => {
    const verdict = host.judge?.(policy, outcome, answer) ?? judge(policy, outcome, answer);
    if (verdict === 'retry') again(outcome);
    else if (verdict === 'accept') conclude(outcome);
    else conclude(outcome, verdict);
  };

  const again = (outcome: Outcome): void => {
    try {
      judged = outcome;
      const next = number < of ? pace(outcome) : 'attempts';
      // A backoff may have ended the run itself.
      if (ended) return;
      if (typeof next === 'string') conclude(outcome, next);
      else stop(() => { rest(next, outcome); });
    } catch (error) {
      crash(error);
    }
  };

  const pace = (outcome: Outcome): number | FailureReason => {
    const patience = askedFor(policy, outcome);
    const backoff = (): number =>
      (previousDelay = checkNumber('what strategy.backoff returns', policy.backoff({ retry, previousDelay, random: policy.random, outcome }), 0));
    retry += 1;
    if (host.pace) return host.pace(policy, emitted, patience, backoff);
    return patience === undefined ? backoff() : isTooLong(policy, patience) ? 'retry-after' : patience;
  };

  const rest = (delay: number, outcome: Outcome): void => {
    emitted = false;
    judged = undefined;
    host.release?.('drain');
    if (heard()) tell({ type: 'retry', attempt, outcome, elapsed: elapsed(), delay });
    // A listener may have ended the run just now.
    if (!ended) current = wait(delay).subscribe(begin);
  };

  const conclude = (outcome: Outcome, reason?: FailureReason): void => {
    const last = host.conclude ? host.conclude(outcome, reason) : outcome;
    if (!last) return;
    if (reason ?? last.kind === 'error') end(reason ?? 'permanent', last);
    else emit(valueOf(last));
  };

  const emit = (value: unknown): void => {
    emitted = true;
    if (policy.resetOnSuccess) {
      number = 1;
      retry = previousDelay = 0;
    }
    if (heard()) tell({ type: 'value', attempt, value, elapsed: elapsed() });
    if (!asEvents) output.next(value);
  };

  // ——— It ends.

  /** Lets go of the source, or the wait; then goes on. A teardown that throws must not keep it from that. */
  const leave = (next?: () => void): void => {
    orReport(() => current?.unsubscribe());
    if (subscribing) afterwards = next;
    else next?.();
  };

  const stop = (next: () => void): void => {
    asking?.unsubscribe();
    leave(() => {
      if (!ended) next();
    });
  };

  const crash = (error: unknown): void => {
    fail(withCause(error, judged));
  };

  const fail = (error: unknown, reason: FailureReason = 'permanent'): void => {
    if (number) {
      end(reason, { attempt, kind: 'error', error });
    } else {
      ended = true;
      output.error(error);
    }
  };

  const end = (reason: FailureReason, outcome: Outcome): void => {
    stop(() => {
      settle({ reason, outcome });
      if (outcome.kind === 'error') {
        output.error(outcome.error);
        return;
      }
      if (!asEvents) output.next(valueOf(outcome));
      output.complete();
    });
  };

  const finish = (): void => {
    settle(host.loss ?? 'success');
    output.complete();
  };

  /** Stops everything, and tells how the last attempt ended. */
  const settle = (last: 'success' | 'cancel' | Loss): void => {
    ended = true;
    asking?.unsubscribe();
    leave();
    host.release?.(last === 'cancel' || (last !== 'success' && last.outcome.kind === 'error') ? 'abort' : 'use');
    if (!heard()) return;
    const told = { attempt, elapsed: elapsed() };
    tell(typeof last === 'string' ? { type: last, ...told } : { type: 'failure', ...told, ...last });
  };

  // ——— What is told.

  const heard = (): boolean => asEvents || host.events?.observed === true;
  const elapsed = (): number => asyncScheduler.now() - attempt.startedAt;
  const tell = (event: AttemptEvent<unknown, A>): void => {
    host.events?.next(event);
    if (asEvents) output.next(event);
  };

  output.add(() => {
    if (!ended && number) settle(emitted ? (host.loss ?? 'success') : 'cancel');
    ended = true;
    host.close?.();
  });
  host.open?.(fail);
  if (!ended) begin();
}
