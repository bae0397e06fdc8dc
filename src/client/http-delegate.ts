import { EMPTY, from, type Observable, type Subscription, throwError } from 'rxjs';

import { setReason } from '../errors/http-error.js';
import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpStatusError } from '../errors/http-status-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import { isHttpError } from '../errors/is-http-error.js';
import { responseOf } from '../http/http-like.js';
import { originOf } from '../http/url.js';
import type { Attempt, FailureReason, HttpAttempt } from '../retry/attempt.js';
import { Cycle } from '../retry/cycle.js';
import { judge, type Verdict } from '../retry/decide-retry.js';
import { type Hold, type Holds, turn } from '../retry/failover.js';
import type { Outcome } from '../retry/outcome.js';
import type { Host, Interruptible, Listeners, Loss, Release } from '../retry/retry-delegate.js';
import { askedFor, waitFor } from '../retry/server-delay.js';
import { type Policy } from '../retry/strategy.js';
import type { ResumableReading } from '../selectors/selector.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { listenToAbort, unlistenToAbort } from '../util/abort-listeners.js';
import { now } from '../util/clock.js';
import { Silence, type SilenceListener } from '../util/inactivity-timer.js';
import { checkNumber, refusal } from '../util/option-rule.js';
import { orReport } from '../util/report-errors.js';
import { redactSignatures } from '../util/safe-text.js';
import { brokenBody } from './broken-body.js';
import { Exchange, type ReadingOwner } from './exchange.js';
import type { Settings } from './options.js';
import { type Closable, closedError, type Hub } from './request-registry.js';
import { type Target, targetRequest } from './targets.js';

/** Polyfilled signals have no reason. */
function reasonOf({ reason }: { readonly reason?: unknown }): unknown {
  return reason ?? new DOMException('The request was aborted', 'AbortError');
}

/** What a request of the client tells its run: where attempts go, what is retried, and what must be let go of. One for each subscription. */
export class HttpHost implements Host<HttpAttempt>, Closable, ReadingOwner, SilenceListener {
  readonly events: Listeners<HttpAttempt>;
  readonly targets: Cycle<Target>;
  readonly hub: Hub;
  place = -1;
  readonly #settings: Settings;
  readonly #reading: ResumableReading<unknown> | undefined;
  #run: Interruptible | undefined;
  #onAbort: (() => void) | undefined;
  #deadline = Infinity;
  #total: Silence | undefined;
  /** The bodies that can be sent only once, and have been opened. */
  #spent: Set<object> | undefined;
  #holds: Holds | undefined;
  #over = false;
  // Of the attempt:
  #attempt: HttpAttempt | undefined;
  #target: Target | undefined;
  #exchange: Exchange | undefined;
  #view: Response | undefined;
  /** Whether the body is the consumer's, by a selector that hands its response on, or by a status error. */
  #handedOver = false;
  #draining: Subscription | undefined;
  loss: Loss | undefined;

  constructor(targets: readonly Target[], settings: Settings, hub: Hub) {
    this.events = hub.events;
    this.targets = new Cycle(targets, settings.policy.rotation);
    this.#settings = settings;
    this.hub = hub;
    const { selector } = settings;
    this.#reading = typeof selector === 'function' ? { select: selector } : selector?.open();
    if (selector && typeof (this.#reading as Partial<ResumableReading<unknown>> | undefined)?.select !== 'function') {
      throw new TypeError(
        refusal("what the selector's open returns", this.#reading, 'an object with select(response, attempt)'),
      );
    }
  }

  // ——— The request begins and ends.

  open(run: Interruptible): void {
    const { signals, totalTimeout } = this.#settings;
    const aborted = signals.find((signal) => signal.aborted);
    this.#run = run;
    if (this.hub.closed) {
      run.fail(closedError(), 'closed');
    } else if (aborted) {
      run.fail(reasonOf(aborted), 'aborted');
    } else {
      this.hub.add(this);
      if (signals.length > 0) {
        // It looks which signal it was: the events of polyfilled ones do not tell it.
        this.#onAbort = () => {
          run.fail(reasonOf(signals.find((signal) => signal.aborted) ?? {}), 'aborted');
        };
        for (const signal of signals) listenToAbort(signal, this.#onAbort);
      }
      if (totalTimeout === Infinity) return;
      this.#deadline = now() + totalTimeout;
      this.#total = new Silence(totalTimeout, this);
      this.#total.listen();
    }
  }

  /** The total time is over: it is watched for as silence is, and nothing is a sign of life. */
  silent(limit: number): void {
    // The error is known already: its body is not worth losing it.
    if (this.#exchange?.finishErrorBody()) return;
    const error = new HttpTimeoutError({ attempt: this.#current, scope: 'total', limit });
    setReason(error, this.#current, 'deadline');
    this.#run?.fail(error, 'deadline');
  }

  close(): void {
    if (this.#onAbort) for (const signal of this.#settings.signals) unlistenToAbort(signal, this.#onAbort);
    this.#over = true;
    this.hub.remove(this);
    this.#total?.stop();
    const reading = this.#reading;
    if (reading?.close) orReport(() => reading.close?.());
  }

  closed(error: unknown): void {
    this.#run?.fail(error, 'closed');
  }

  // ——— An attempt is sent.

  describe({ number, of, requestId, startedAt }: Attempt): HttpAttempt {
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
      context: this.#settings.context,
    });
  }

  /** Each subscription is an attempt, sent to the next target. */
  attempts(): Observable<unknown> {
    return this.targets.each((target) => this.#send(target));
  }

  #send(target: Target): Observable<unknown> {
    const attempt = this.#current;
    const { payload, wrong } = target;
    if (wrong !== undefined) {
      return throwError(
        () => new HttpNetworkError({ attempt, summary: wrong, phase: 'connect', sent: false, permanent: true }),
      );
    }
    if (payload?.once) (this.#spent ??= new Set()).add(payload.once);
    const reading = this.#reading;
    const exchange = (this.#exchange = new Exchange(this.#settings, attempt));
    const sending = targetRequest(
      target,
      attempt,
      reading?.prepare !== undefined || this.#settings.interceptors.length > 0,
    );
    // What the caller opened is the caller's; what its factory opened is nobody else's.
    if (!payload?.once) exchange.own(sending.body);
    const prepared = reading?.prepare?.(sending as AttemptRequest) ?? sending;
    // A body's factory, or the selector, may have ended the request itself.
    if (this.#over) return EMPTY;
    return exchange.answer(prepared);
  }

  // ——— What is said of an outcome.

  outcomeOf(value: unknown): Outcome {
    const attempt = this.#current;
    const view = this.#view;
    return view
      ? { attempt, kind: 'value', value, response: view }
      : { attempt, kind: 'response', response: value as Response };
  }

  failureOf(error: unknown): Outcome | undefined {
    return (
      this.#view && { attempt: this.#current, kind: 'error', error: this.#exchange?.blame(error), response: this.#view }
    );
  }

  /** A response that the selector hands on was judged before; and where it is the last word, so was all that is read from it. */
  knows(outcome: Outcome): boolean {
    return this.loss !== undefined || (outcome.kind === 'value' && outcome.value === this.#view);
  }

  judge(policy: Policy, outcome: Outcome, asked: boolean | undefined): Verdict | FailureReason {
    const target = this.#target as Target;
    const error = outcome.kind === 'error' && outcome.error instanceof HttpNetworkError ? outcome.error : undefined;
    if (this.knows(outcome)) return this.loss && outcome.kind === 'error' ? this.loss.reason : 'accept';
    if (asked === undefined && this.#isForeign(outcome)) return 'permanent';
    let verdict: Verdict;
    if (asked === undefined && error?.permanent) {
      // The same URL would fail in the same way; the others may not.
      this.targets.drop(target);
      if (this.targets.size === 0) return 'permanent';
      verdict = target.repeatable || error.sent === false ? 'retry' : 'method';
    } else {
      verdict = judge(policy, outcome, asked, target.repeatable);
    }
    // That another request of an interceptor's was not sent, one for a token say, proves nothing of this one.
    return verdict === 'retry' && !asked && !target.repeatable && this.#exchange?.mayHaveArrived ? 'method' : verdict;
  }

  /** Whether a selector failed by an error of another request, which it made itself: that had retries of its own. */
  #isForeign(outcome: Outcome): boolean {
    if (outcome.kind !== 'error' || !this.#view || !isHttpError(outcome.error)) return false;
    return outcome.error.attempt.requestId !== this.#current.requestId;
  }

  get timeLeft(): number {
    return this.#deadline - now();
  }

  whenDecided(callback: () => void): void {
    this.#run?.whenDecided(callback);
  }

  madeProgress(): boolean {
    return this.#reading?.madeProgress?.() ?? false;
  }

  pace(policy: Policy, emitted: boolean, asked: number | undefined, backoff: () => number): number | FailureReason {
    const time = now();
    const wanted = (): number => {
      const own = this.#reading?.delay?.();
      return own === undefined ? backoff() : checkNumber("what the selector's delay returns", own, 0);
    };
    const obstacle = this.#obstacle(emitted);
    if (obstacle) return obstacle;
    let delay: number;
    if (asked === undefined && !this.#holds) {
      delay = wanted();
    } else {
      const origin = originOf(this.#current.url);
      const holds = (this.#holds ??= new Map<string, Hold>());
      if (asked !== undefined) holds.set(origin, { asked, since: time });
      const rest = turn(this.targets, holds, policy, time, this.#deadline);
      if (typeof rest === 'string') return rest;
      delay = waitFor(policy, wanted(), rest);
    }
    // Asked again, since another place may have been turned to.
    return time + delay < this.#deadline ? (this.#obstacle(emitted) ?? delay) : 'deadline';
  }

  /** Why another attempt is out of the question, whatever was judged. */
  #obstacle(emitted: boolean): FailureReason | undefined {
    const { payload } = this.targets.peek();
    if (payload?.once && this.#spent?.has(payload.once)) return 'body';
    return emitted && typeof this.#settings.selector !== 'object' ? 'partial' : undefined;
  }

  conclude(outcome: Outcome, reason: FailureReason | undefined): Outcome | undefined {
    if (outcome.kind !== 'response') {
      // The selector hands its response on, or throws a status error of its own.
      const given = outcome.kind === 'value' ? outcome.value : responseOf(outcome.error);
      this.#handedOver ||= this.#view !== undefined && given === this.#view;
      if (outcome.kind === 'error') setReason(outcome.error, this.#current, reason ?? 'permanent');
      return outcome;
    }
    const { response } = outcome;
    const attempt = this.#current;
    if (
      (this.#settings.throwHttpErrors ?? this.#reading) &&
      response.status >= 400 &&
      !this.#reading?.accepts?.(response)
    ) {
      return this.#failByStatus(outcome, reason ?? 'permanent');
    }
    const reading = this.#reading;
    const exchange = this.#exchange;
    if (!reading || !exchange) return outcome;
    this.loss = reason && { reason, outcome };
    const view = (this.#view = exchange.view(response));
    exchange.read(() => reading.select(view, attempt), this);
    return undefined;
  }

  /** Without a body the error is there at once. */
  #failByStatus(outcome: Outcome & { readonly kind: 'response' }, reason: FailureReason): Outcome | undefined {
    const { response } = outcome;
    const attempt = this.#current;
    const exchange = this.#exchange;
    const { policy } = this.#settings;
    const asked = reason === 'retry-after' ? askedFor(policy, outcome) : undefined;
    // With both numbers it can be seen whether a larger maxRetryAfter would help.
    const asks = (ms: number): string =>
      `a Retry-After of ${Math.round(ms / 1000)} s; maxRetryAfter is ${policy.maxRetryAfter / 1000} s`;
    const summary =
      asked === undefined ? asked : `${`${response.status} ${response.statusText}`.trimEnd()}, with ${asks(asked)}`;
    const error = new HttpStatusError({ attempt, response, summary });
    setReason(error, attempt, reason);
    if (!exchange || !response.body) return { attempt, kind: 'error', error, response };
    this.loss = { reason, outcome };
    exchange.read(() => exchange.readErrorBody(error, this), this);
    return undefined;
  }

  /** Whether the body broke off that `shouldRetry` has read a clone of: then what is left of the original is broken, too. */
  lossWhileRead(outcome: Outcome): Observable<Outcome | undefined> | undefined {
    if (outcome.kind !== 'response' || !this.#exchange) return undefined;
    const { response } = outcome;
    const { body } = response;
    const attempt = this.#current;
    if (!body || body.locked) return undefined;
    return from(
      brokenBody(body, attempt).then((error) => error && { attempt, kind: 'error' as const, error, response }),
    );
  }

  /** A body is the consumer's once its response was emitted; one that was being read, or left unread, is not wanted. */
  release(how: Release): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#draining?.unsubscribe();
    this.#draining = exchange?.release(
      this.#handedOver || (how === 'use' && !this.#view) ? 'keep' : how === 'drain' ? how : 'abort',
    );
    // Cutting what is left may have ended the request: then nobody waits for that.
    if (this.#over) this.#draining?.unsubscribe();
    // Nothing of it is held while the next one is waited for.
    this.loss = this.#view = undefined;
    this.#handedOver = false;
  }

  get #current(): HttpAttempt {
    return this.#attempt as HttpAttempt;
  }
}
