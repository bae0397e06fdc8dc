import { EMPTY, from, type Observable, type Subscription, throwError } from 'rxjs';

import { setReason } from '../errors/http-error.js';
import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpStatusError } from '../errors/http-status-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import { isHttpError } from '../errors/is-http-error.js';
import { responseOf } from '../http/http-like.js';
import { originOf } from '../http/url.js';
import type { Attempt, FailureReason, HttpAttempt } from '../retry/attempt.js';
import { TargetRotation } from '../retry/cycle.js';
import { decideRetry, type Decision } from '../retry/decide-retry.js';
import { type Cooldown, type Cooldowns, advanceToAvailable } from '../retry/failover.js';
import type { Outcome } from '../retry/outcome.js';
import type {
  RetryDelegate,
  Terminable,
  EventSink,
  FinalFailure,
  ConnectionDisposal,
} from '../retry/retry-delegate.js';
import { serverDelay, combineDelays } from '../retry/server-delay.js';
import { type ResolvedStrategy } from '../retry/strategy.js';
import type { ResumableReading } from '../selectors/selector.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { addAbortListener, removeAbortListener } from '../util/abort-listeners.js';
import { now } from '../util/clock.js';
import { InactivityTimer, type InactivityListener } from '../util/inactivity-timer.js';
import { checkNumber, invalidOptionMessage } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { redactSignatures } from '../util/safe-text.js';
import { findBodyError } from './broken-body.js';
import { Exchange, type ReadingOwner } from './exchange.js';
import type { ResolvedOptions } from './options.js';
import { type RegisteredRequest, closedError, type RequestRegistry } from './request-registry.js';
import { type Target, createAttemptRequest } from './targets.js';

/** Polyfilled signals have no reason. */
function reasonOf({ reason }: { readonly reason?: unknown }): unknown {
  return reason ?? new DOMException('The request was aborted', 'AbortError');
}

/** What a request of the client tells its run: where attempts go, what is retried, and what must be let go of. One for each subscription. */
export class HttpDelegate implements RetryDelegate<HttpAttempt>, RegisteredRequest, ReadingOwner, InactivityListener {
  readonly eventSink: EventSink<HttpAttempt>;
  readonly targets: TargetRotation<Target>;
  readonly hub: RequestRegistry;
  place = -1;
  readonly #options: ResolvedOptions;
  readonly #selectorReading: ResumableReading<unknown> | undefined;
  #run: Terminable | undefined;
  #onAbort: (() => void) | undefined;
  #deadline = Infinity;
  #totalTimer: InactivityTimer | undefined;
  /** The bodies that can be sent only once, and have been opened. */
  #consumedBodies: Set<object> | undefined;
  #cooldowns: Cooldowns | undefined;
  #hasEnded = false;
  // Of the attempt:
  #attempt: HttpAttempt | undefined;
  #target: Target | undefined;
  #exchange: Exchange | undefined;
  #selectorResponse: Response | undefined;
  /** Whether the body is the consumer's, by a selector that hands its response on, or by a status error. */
  #consumerOwnsBody = false;
  #draining: Subscription | undefined;
  finalFailure: FinalFailure | undefined;

  constructor(targets: readonly Target[], settings: ResolvedOptions, hub: RequestRegistry) {
    this.eventSink = hub.events;
    this.targets = new TargetRotation(targets, settings.strategy.rotation);
    this.#options = settings;
    this.hub = hub;
    const { selector } = settings;
    this.#selectorReading = typeof selector === 'function' ? { select: selector } : selector?.open();
    if (
      selector &&
      typeof (this.#selectorReading as Partial<ResumableReading<unknown>> | undefined)?.select !== 'function'
    ) {
      throw new TypeError(
        invalidOptionMessage(
          "what the selector's open returns",
          this.#selectorReading,
          'an object with select(response, attempt)',
        ),
      );
    }
  }

  // ——— The request begins and ends.

  onRunStart(run: Terminable): void {
    const { signals, totalTimeout } = this.#options;
    const aborted = signals.find((signal) => signal.aborted);
    this.#run = run;
    if (this.hub.closed) {
      run.terminate(closedError(), 'closed');
    } else if (aborted) {
      run.terminate(reasonOf(aborted), 'aborted');
    } else {
      this.hub.add(this);
      if (signals.length > 0) {
        // It looks which signal it was: the events of polyfilled ones do not tell it.
        this.#onAbort = () => {
          run.terminate(reasonOf(signals.find((signal) => signal.aborted) ?? {}), 'aborted');
        };
        for (const signal of signals) addAbortListener(signal, this.#onAbort);
      }
      if (totalTimeout === Infinity) return;
      this.#deadline = now() + totalTimeout;
      this.#totalTimer = new InactivityTimer(totalTimeout, this);
      this.#totalTimer.start();
    }
  }

  /** The total time is over: it is watched for as silence is, and nothing is a sign of life. */
  onInactive(limit: number): void {
    // The error is known already: its body is not worth losing it.
    if (this.#exchange?.finishErrorBody()) return;
    const error = new HttpTimeoutError({ attempt: this.#current, scope: 'total', limit });
    setReason(error, this.#current, 'deadline');
    this.#run?.terminate(error, 'deadline');
  }

  onRunEnd(): void {
    if (this.#onAbort) for (const signal of this.#options.signals) removeAbortListener(signal, this.#onAbort);
    this.#hasEnded = true;
    this.hub.remove(this);
    this.#totalTimer?.stop();
    const reading = this.#selectorReading;
    if (reading?.close) runAndReportErrors(() => reading.close?.());
  }

  closed(error: unknown): void {
    this.#run?.terminate(error, 'closed');
  }

  // ——— An attempt is sent.

  createAttempt({ number, of, requestId, startedAt }: Attempt): HttpAttempt {
    this.#draining?.unsubscribe();
    this.#draining = undefined;
    const { method, url } = (this.#target = this.targets.peek());
    return (this.#attempt = {
      number,
      of,
      requestId,
      startedAt,
      method,
      url: redactSignatures(url),
      context: this.#options.context,
    });
  }

  /** Each subscription is an attempt, sent to the next target. */
  attempts(): Observable<unknown> {
    return this.targets.nextPerSubscription((target) => this.#send(target));
  }

  #send(target: Target): Observable<unknown> {
    const attempt = this.#current;
    const { payload, wrong } = target;
    if (wrong !== undefined) {
      return throwError(
        () => new HttpNetworkError({ attempt, summary: wrong, phase: 'connect', sent: false, permanent: true }),
      );
    }
    if (payload?.singleUseStream) (this.#consumedBodies ??= new Set()).add(payload.singleUseStream);
    const reading = this.#selectorReading;
    const exchange = (this.#exchange = new Exchange(this.#options, attempt));
    const sending = createAttemptRequest(
      target,
      attempt,
      reading?.prepare !== undefined || this.#options.interceptors.length > 0,
    );
    // What the caller opened is the caller's; what its factory opened is nobody else's.
    if (!payload?.singleUseStream) exchange.ownBody(sending.body);
    const prepared = reading?.prepare?.(sending as AttemptRequest) ?? sending;
    // A body's factory, or the selector, may have ended the request itself.
    if (this.#hasEnded) return EMPTY;
    return exchange.execute(prepared);
  }

  // ——— What is said of an outcome.

  toOutcome(value: unknown): Outcome {
    const attempt = this.#current;
    const view = this.#selectorResponse;
    return view
      ? { attempt, kind: 'value', value, response: view }
      : { attempt, kind: 'response', response: value as Response };
  }

  toErrorOutcome(error: unknown): Outcome | undefined {
    return (
      this.#selectorResponse && {
        attempt: this.#current,
        kind: 'error',
        error: this.#exchange?.attributeError(error),
        response: this.#selectorResponse,
      }
    );
  }

  /** A response that the selector hands on was judged before; and where it is the last word, so was all that is read from it. */
  bypassesShouldRetry(outcome: Outcome): boolean {
    return this.finalFailure !== undefined || (outcome.kind === 'value' && outcome.value === this.#selectorResponse);
  }

  decide(policy: ResolvedStrategy, outcome: Outcome, asked: boolean | undefined): Decision | FailureReason {
    const target = this.#target as Target;
    const error = outcome.kind === 'error' && outcome.error instanceof HttpNetworkError ? outcome.error : undefined;
    if (this.bypassesShouldRetry(outcome))
      return this.finalFailure && outcome.kind === 'error' ? this.finalFailure.reason : 'accept';
    if (asked === undefined && this.#isErrorOfAnotherRequest(outcome)) return 'permanent';
    let verdict: Decision;
    if (asked === undefined && error?.permanent) {
      // The same URL would fail in the same way; the others may not.
      this.targets.remove(target);
      if (this.targets.size === 0) return 'permanent';
      verdict = target.repeatable || error.sent === false ? 'retry' : 'method';
    } else {
      verdict = decideRetry(policy, outcome, asked, target.repeatable);
    }
    // That another request of an interceptor's was not sent, one for a token say, proves nothing of this one.
    return verdict === 'retry' && !asked && !target.repeatable && this.#exchange?.mayHaveReachedServer
      ? 'method'
      : verdict;
  }

  /** Whether a selector failed by an error of another request, which it made itself: that had retries of its own. */
  #isErrorOfAnotherRequest(outcome: Outcome): boolean {
    if (outcome.kind !== 'error' || !this.#selectorResponse || !isHttpError(outcome.error)) return false;
    return outcome.error.attempt.requestId !== this.#current.requestId;
  }

  get timeLeft(): number {
    return this.#deadline - now();
  }

  whenDecided(callback: () => void): void {
    this.#run?.whenDecided(callback);
  }

  madeProgress(): boolean {
    return this.#selectorReading?.madeProgress?.() ?? false;
  }

  nextDelay(
    policy: ResolvedStrategy,
    emitted: boolean,
    asked: number | undefined,
    backoff: () => number,
  ): number | FailureReason {
    const time = now();
    const wanted = (): number => {
      const own = this.#selectorReading?.delay?.();
      return own === undefined ? backoff() : checkNumber("what the selector's delay returns", own, 0);
    };
    const obstacle = this.#blockingReason(emitted);
    if (obstacle) return obstacle;
    let delay: number;
    if (asked === undefined && !this.#cooldowns) {
      delay = wanted();
    } else {
      const origin = originOf(this.#current.url);
      const holds = (this.#cooldowns ??= new Map<string, Cooldown>());
      if (asked !== undefined) holds.set(origin, { duration: asked, since: time });
      const rest = advanceToAvailable(this.targets, holds, policy, time, this.#deadline);
      if (typeof rest === 'string') return rest;
      delay = combineDelays(policy, wanted(), rest);
    }
    // Asked again, since another place may have been turned to.
    return time + delay < this.#deadline ? (this.#blockingReason(emitted) ?? delay) : 'deadline';
  }

  /** Why another attempt is out of the question, whatever was judged. */
  #blockingReason(emitted: boolean): FailureReason | undefined {
    const { payload } = this.targets.peek();
    if (payload?.singleUseStream && this.#consumedBodies?.has(payload.singleUseStream)) return 'body';
    return emitted && typeof this.#options.selector !== 'object' ? 'partial' : undefined;
  }

  resolveFinal(outcome: Outcome, reason: FailureReason | undefined): Outcome | undefined {
    if (outcome.kind !== 'response') {
      // The selector hands its response on, or throws a status error of its own.
      const given = outcome.kind === 'value' ? outcome.value : responseOf(outcome.error);
      this.#consumerOwnsBody ||= this.#selectorResponse !== undefined && given === this.#selectorResponse;
      if (outcome.kind === 'error') setReason(outcome.error, this.#current, reason ?? 'permanent');
      return outcome;
    }
    const { response } = outcome;
    const attempt = this.#current;
    if (
      (this.#options.throwHttpErrors ?? this.#selectorReading) &&
      response.status >= 400 &&
      !this.#selectorReading?.accepts?.(response)
    ) {
      return this.#failByStatus(outcome, reason ?? 'permanent');
    }
    const reading = this.#selectorReading;
    const exchange = this.#exchange;
    if (!reading || !exchange) return outcome;
    this.finalFailure = reason && { reason, outcome };
    const view = (this.#selectorResponse = exchange.openForReading(response));
    exchange.read(() => reading.select(view, attempt), this);
    return undefined;
  }

  /** Without a body the error is there at once. */
  #failByStatus(outcome: Outcome & { readonly kind: 'response' }, reason: FailureReason): Outcome | undefined {
    const { response } = outcome;
    const attempt = this.#current;
    const exchange = this.#exchange;
    const { strategy: policy } = this.#options;
    const asked = reason === 'retry-after' ? serverDelay(policy, outcome) : undefined;
    // With both numbers it can be seen whether a larger maxRetryAfter would help.
    const asks = (ms: number): string =>
      `a Retry-After of ${Math.round(ms / 1000)} s; maxRetryAfter is ${policy.maxRetryAfter / 1000} s`;
    const summary =
      asked === undefined ? asked : `${`${response.status} ${response.statusText}`.trimEnd()}, with ${asks(asked)}`;
    const error = new HttpStatusError({ attempt, response, summary });
    setReason(error, attempt, reason);
    if (!exchange || !response.body) return { attempt, kind: 'error', error, response };
    this.finalFailure = { reason, outcome };
    exchange.read(() => exchange.readErrorBody(error, this), this);
    return undefined;
  }

  /** Whether the body broke off that `shouldRetry` has read a clone of: then what is left of the original is broken, too. */
  findBodyFailure(outcome: Outcome): Observable<Outcome | undefined> | undefined {
    if (outcome.kind !== 'response' || !this.#exchange) return undefined;
    const { response } = outcome;
    const { body } = response;
    const attempt = this.#current;
    if (!body || body.locked) return undefined;
    return from(
      findBodyError(body, attempt).then((error) => error && { attempt, kind: 'error' as const, error, response }),
    );
  }

  /** A body is the consumer's once its response was emitted; one that was being read, or left unread, is not wanted. */
  releaseConnection(how: ConnectionDisposal): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#draining?.unsubscribe();
    this.#draining = exchange?.release(
      this.#consumerOwnsBody || (how === 'use' && !this.#selectorResponse) ? 'keep' : how === 'drain' ? how : 'abort',
    );
    // Cutting what is left may have ended the request: then nobody waits for that.
    if (this.#hasEnded) this.#draining?.unsubscribe();
    // Nothing of it is held while the next one is waited for.
    this.finalFailure = this.#selectorResponse = undefined;
    this.#consumerOwnsBody = false;
  }

  get #current(): HttpAttempt {
    return this.#attempt as HttpAttempt;
  }
}
