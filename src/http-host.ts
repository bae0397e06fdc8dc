import { asyncScheduler, defer, type Observable, type ObservableInput, type Subscription, throwError } from 'rxjs';

import type { Attempt, AttemptEvent, FailureReason, HttpAttempt, Outcome } from './attempt.js';
import type { Payload } from './body.js';
import { wrongType } from './check.js';
import { Cycle } from './cycle.js';
import { HttpNetworkError } from './errors/http-network-error.js';
import { HttpStatusError } from './errors/http-status-error.js';
import { HttpTimeoutError } from './errors/http-timeout-error.js';
import { isHttpError } from './errors/is-http-error.js';
import { Exchange } from './exchange.js';
import type { Host, Interruptible, Release } from './host.js';
import { type Closable, closedError, type Hub } from './hub.js';
import type { Settings } from './options.js';
import { orReport } from './or-report.js';
import type { ResumableReading } from './selectors/selector.js';
import { listenToAbort, unlistenToAbort } from './signals.js';
import { judge, type Policy, type Verdict } from './strategy.js';
import { type Target, targetRequest } from './request.js';
import { originOf } from './url.js';
import { after } from './wait.js';

function checkReading(reading: ResumableReading<unknown>): ResumableReading<unknown> {
  if (typeof (reading as { select?: unknown } | undefined)?.select === 'function') return reading;
  throw wrongType("what the selector's open returns", reading, 'an object with select(response, attempt)');
}

/** What a request of the client tells its run: where attempts go, what is retried, and what must be let go of. One for each subscription. */
export class HttpHost implements Host<HttpAttempt>, Closable {
  readonly #settings: Settings;
  readonly #hub: Hub;
  readonly answersHttp: true;
  readonly targets: Cycle<Target>;
  readonly select: ((response: Response) => ObservableInput<unknown>) | undefined;
  deadline: number;
  readonly #reading: ResumableReading<unknown> | undefined;
  #run: Interruptible | undefined;
  #attempt: HttpAttempt | undefined;
  #target: Target | undefined;
  #exchange: Exchange | undefined;
  #total: Subscription | undefined;
  /** The bodies that can be sent only once, and have been opened. */
  #spent: Set<Payload> | undefined;

  constructor(targets: readonly Target[], settings: Settings, hub: Hub) {
    this.#settings = settings;
    this.#hub = hub;
    this.answersHttp = true;
    this.deadline = Infinity;
    this.targets = new Cycle(targets, settings.policy.rotation);
    const { selector } = settings;
    this.#reading = typeof selector === 'function' ? { select: selector } : selector && checkReading(selector.open());
    this.select = this.#reading && ((response) => (this.#reading as ResumableReading<unknown>).select(response, this.#current));
  }

  // ——— The request begins and ends.

  open(run: Interruptible): void {
    this.#run = run;
    if (this.#hub.closed) {
      this.closed(closedError());
      return;
    }
    const { signals, totalTimeout } = this.#settings;
    const aborted = signals.find((signal) => signal.aborted);
    if (aborted) {
      run.fail('aborted', aborted.reason);
      return;
    }
    for (const signal of signals) listenToAbort(signal, this.#onAbort);
    this.#hub.add(this);
    if (totalTimeout !== Infinity) {
      this.deadline = asyncScheduler.now() + totalTimeout;
      this.#total = after(totalTimeout, () => {
        run.fail('deadline', new HttpTimeoutError({ attempt: this.#current, scope: 'total', limit: totalTimeout }));
      });
    }
  }

  close(): void {
    for (const signal of this.#settings.signals) unlistenToAbort(signal, this.#onAbort);
    this.#hub.remove(this);
    this.#total?.unsubscribe();
    orReport(() => this.#reading?.close?.());
  }

  closed(error: unknown): void {
    this.#run?.fail('closed', error);
  }

  readonly #onAbort = (signal: AbortSignal): void => {
    this.#run?.fail('aborted', signal.reason);
  };

  get listening(): boolean {
    return this.#hub.listened;
  }

  tell(event: AttemptEvent<unknown, HttpAttempt>): void {
    this.#hub.tell(event);
  }

  // ——— Where an attempt goes.

  describe({ number, of, requestId, startedAt }: Attempt): HttpAttempt {
    const target = this.targets.peek();
    this.#target = target;
    this.#attempt = { number, of, requestId, startedAt, method: target.method, url: target.url, context: this.#settings.context };
    return this.#attempt;
  }

  /** One attempt, sent to a target. */
  send(target: Target): Observable<Response> {
    const attempt = this.#current;
    const { wrong } = target;
    if (wrong !== undefined) return throwError(() => Exchange.refused(attempt, wrong));
    return defer(() => {
      if (target.payload?.once) (this.#spent ??= new Set()).add(target.payload);
      const request = targetRequest(target, attempt);
      this.#exchange = new Exchange(this.#settings, attempt);
      return this.#exchange.answer(this.#reading?.prepare?.(request) ?? request);
    });
  }

  get origin(): string {
    return originOf(this.#current.url);
  }

  get nextOrigin(): string {
    return originOf(this.targets.peek().url);
  }

  turn(barred: (origin: string) => boolean): boolean {
    for (let tried = 0; tried < this.targets.size; tried += 1) {
      if (!barred(this.nextOrigin)) return true;
      this.targets.skip();
    }
    return false;
  }

  // ——— What is said of an outcome.

  judge(policy: Policy, outcome: Outcome, asked: boolean | undefined): Verdict {
    const target = this.#target as Target;
    if (asked === undefined && this.#isForeign(outcome)) return 'permanent';
    const error = outcome.kind === 'error' && outcome.error instanceof HttpNetworkError ? outcome.error : undefined;
    if (asked !== undefined || !error?.permanent) return judge(policy, outcome, asked, target.repeatable);
    // The same URL would fail in the same way; the others may not.
    this.targets.drop(target);
    if (this.targets.size === 0) return 'permanent';
    return target.repeatable || error.sent === false ? 'retry' : 'method';
  }

  /** Whether a selector failed by an error of another request, which it made itself: that had retries of its own. */
  #isForeign(outcome: Outcome): boolean {
    if (outcome.kind !== 'error' || !outcome.response || !isHttpError(outcome.error)) return false;
    const { error, response } = outcome;
    return error.attempt.requestId !== this.#current.requestId && !(error.name === 'HttpStatusError' && error.response === response);
  }

  obstacle(emitted: boolean): FailureReason | undefined {
    const { payload } = this.targets.peek();
    if (payload && this.#spent?.has(payload)) return 'body';
    return emitted && typeof this.#settings.selector !== 'object' ? 'partial' : undefined;
  }

  statusError(response: Response): Error | undefined {
    const { throwHttpErrors, selector } = this.#settings;
    return (throwHttpErrors ?? selector !== undefined) && response.status >= 400 && !this.#reading?.accepts?.(response)
      ? new HttpStatusError({ attempt: this.#current, response })
      : undefined;
  }

  delay(): number | undefined {
    return this.#reading?.delay?.();
  }

  // ——— What becomes of a response.

  view(response: Response): Response {
    return this.#exchange?.view(response) ?? response;
  }

  blame(error: unknown): unknown {
    return this.#exchange ? this.#exchange.blame(error) : error;
  }

  release(how: Release): Subscription | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    return exchange?.release(how);
  }

  get #current(): HttpAttempt {
    return this.#attempt as HttpAttempt;
  }
}
