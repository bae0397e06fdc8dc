import {
  catchError,
  defer,
  EMPTY,
  from,
  Observable,
  type ObservableInput,
  type Observer,
  type Subscriber,
  Subscription,
  take,
  type TeardownLogic,
  throwError,
  type Unsubscribable,
} from 'rxjs';

import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpStatusError, setErrorBody } from '../errors/http-status-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import { toSendError } from '../errors/to-network-error.js';
import type { PreparedBody } from '../http/body.js';
import { toPlatformBody } from '../http/foreign-body.js';
import { isHttpLike } from '../http/http-like.js';
import { readWithin } from '../http/read-within.js';
import { isStream, releaseBody, type Upload, monitorUpload, type UploadListener } from '../http/stream-body.js';
import { splitCredentials } from '../http/url.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { type DecisionWaiter, isAsyncIterable, pullWhenDecided, setDecisionWaiter } from '../retry/decided-values.js';
import type { ObservedEvents } from '../retry/request-observer.js';
import type { ConnectionDisposal } from '../retry/retry-delegate.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { TransportCall } from '../transports/transport-call.js';
import { isInstance } from '../util/foreign-object.js';
import { InactivityTimer } from '../util/inactivity-timer.js';
import { invalidOptionMessage } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import type { CallKeeper } from './body-signal.js';
import { callInterceptor } from './call-interceptor.js';
import { drain } from './drain.js';
import type { HookedListener } from './hooked-listener.js';
import type { InterceptorExchange } from './interceptor-hooks.js';
import { releaseSuperseded } from './interceptor-resend.js';
import { MonitoredBody } from './monitored-body.js';
import type { ResolvedOptions } from './options.js';

/** The delegate of the request that an exchange belongs to. */
export interface ExchangeOwner extends DecisionWaiter {
  /** The rest of the total timeout, in ms. */
  readonly timeLeft: number;
}

/** An attempt's request. `headers` is absent if there are none, and no interceptor or selector reads them. */
export type OutgoingRequest = Pick<AttemptRequest, 'method' | 'url' | 'body' | 'init'> & {
  readonly headers: Headers | undefined;
  readonly attempt: HttpAttempt;
};

/** The default of `timeout`, in ms. */
const DEFAULT_TIMEOUT = 30_000;

/** How long the body of an error response is read, in ms. */
const MAX_ERROR_BODY_MS = 1_000;

/** Whether an error proves that its request was not sent. */
function isUnsent(error: unknown): error is HttpNetworkError {
  return isInstance(error, HttpNetworkError) && error.sent === false;
}

/**
 * One attempt's use of the network: its request goes through the interceptors to the transport, its response is read,
 * and its connection is disposed of.
 *
 *     created ──► executing ──► answered ──► reading ──► released
 *
 * From any state it can be released. The delegate of the request creates one per attempt, and releases it.
 */
export class Exchange implements Observer<Response>, InterceptorExchange {
  /** The request before the selector prepared it. */
  request: OutgoingRequest | undefined;
  body: PreparedBody | undefined;
  finalResponse: Response | undefined;
  readonly #options: ResolvedOptions;
  readonly #attempt: HttpAttempt;
  /** The calls of the transport. An interceptor can make several. */
  #calls: TransportCall[] | undefined;
  #subscriber: Subscriber<unknown> | undefined;
  #inactivityTimer: InactivityTimer | undefined;
  #response: Response | undefined;
  #monitoredBody: MonitoredBody | undefined;
  #uploads: Upload[] | undefined;
  /** The body that a factory made for this attempt, sent or not. */
  #attemptBody: unknown;
  /** The reading of responses that the interceptor replaced by a later call. */
  #supersededReads: Subscription | undefined;
  /** Ends the reading of an error's body; set while it is read. */
  #endErrorBody: (() => void) | undefined;
  #errorBodyEnded = false;
  #released = false;
  /** Takes part in sending, if telemetry observes the request. */
  readonly #hook: HookedListener | undefined;
  /** Hears what is read of the response, if anybody does. */
  readonly #onChunk: ((bytes: Uint8Array) => void) | undefined;

  /** @param observed - those who hear of bodies, or take part in sending, if anybody observes the request */
  constructor(options: ResolvedOptions, attempt: HttpAttempt, observed?: ObservedEvents) {
    this.#options = options;
    this.#attempt = attempt;
    this.#hook = observed?.listeners.find(
      (listener): listener is HookedListener => (listener as Partial<HookedListener>).aroundSend !== undefined,
    );
    if (observed?.hearsBodies) {
      this.#onChunk = (bytes) => {
        if (!this.#released) observed.chunk(bytes);
      };
    }
  }

  /** Takes over a body that was made for this attempt, and discards it with the attempt, even if it was never read. */
  ownBody(content: unknown): void {
    if (this.#released) releaseBody(content);
    else this.#attemptBody = content;
  }

  /**
   * Sends the request and emits the response. If the response is then read, it emits the values that are read from it.
   * Errors with a timeout if no response comes.
   */
  execute(request: OutgoingRequest): Observable<unknown> {
    return new Observable((subscriber) => {
      if (this.#released) return undefined;
      this.#subscriber = subscriber;
      const { interceptors, timeout = DEFAULT_TIMEOUT } = this.#options;
      if (timeout !== Infinity) {
        this.#inactivityTimer = new InactivityTimer(timeout, this);
        this.#inactivityTimer.start();
      }
      // A request has one response: an interceptor that would emit more is unsubscribed.
      if (interceptors.length > 0) {
        return this.#intercepted(request as AttemptRequest)
          .pipe(take(1))
          .subscribe(this);
      }
      const call = this.#send(request, this);
      // No teardown is needed for the transport: release() aborts the call.
      return this.#hook && call;
    });
  }

  next(response: Response): void {
    this.#inactivityTimer?.pause();
    if (this.#calls?.some((call) => call.isCut && call.response === response)) {
      this.error(
        new TypeError('an interceptor emits a response that was cut when it sent again: read it, or a clone, before'),
      );
      return;
    }
    this.#response = response;
    this.#releaseOthers();
    this.#subscriber?.next(response);
  }

  /** Releases the responses of earlier calls: before an interceptor sends again, and once it has emitted another. */
  releaseSuperseded(): void {
    for (const call of this.#calls ?? []) {
      const end = releaseSuperseded(call, (response) => response === this.#response);
      if (end) (this.#supersededReads ??= new Subscription()).add(end);
    }
  }

  /**
   * Releases the responses of other calls, if the emitted response came from a call. A response of the interceptor's
   * own may be made of any of them, so none is released then.
   */
  #releaseOthers(): void {
    if (this.#calls?.some(({ response }) => response === this.#response)) this.releaseSuperseded();
  }

  error(error: unknown): void {
    if (this.mayHaveReachedServer && isUnsent(error) && error.attempt === this.#attempt) {
      Reflect.deleteProperty(error, 'sent');
    }
    this.#subscriber?.error(error);
  }

  /** Whether a call was made that is not proven unsent. */
  get mayHaveReachedServer(): boolean {
    return this.#calls?.some(({ isProvenUnsent }) => !isProvenUnsent) ?? false;
  }

  complete(): void {
    // With a selector, or with an error body to read, the values are still to come.
    const { selector, throwHttpErrors } = this.#options;
    const response = this.#response;
    if (!response || !(selector ?? (throwHttpErrors && response.status >= 400))) this.#subscriber?.complete();
  }

  /** Subscribes the attempt's subscriber to the values that are read from the response. */
  read(select: () => ObservableInput<unknown>, owner: ExchangeOwner): void {
    let values: Observable<unknown>;
    const hasShouldRetry = this.#options.strategy.shouldRetry !== undefined;
    if (hasShouldRetry) setDecisionWaiter(this.#attempt, owner);
    try {
      const selected = select();
      // The selector ended the request: nothing subscribes to its promise, whose rejection would be unhandled.
      if (this.#released && selected instanceof Promise) selected.catch(() => undefined);
      values = this.#released
        ? EMPTY
        : hasShouldRetry && isAsyncIterable(selected)
          ? pullWhenDecided(selected, owner)
          : from(selected);
    } catch (error) {
      // eslint-disable-next-line rxjs-x/throw-error -- a selector can throw anything
      values = throwError(() => error);
    }
    if (this.#options.throwHttpErrors === false) {
      values = values.pipe(catchError((error: unknown) => this.#readThrownErrorBody(error, owner)));
    }
    runAndReportErrors(() => values.subscribe(this.#subscriber));
  }

  /**
   * Errors with a status error once the body of its response was read, within limits. An error whose body nothing reads
   * would hold its connection.
   */
  readErrorBody(error: HttpStatusError, { timeLeft }: ExchangeOwner): Observable<never> {
    const { response } = error;
    const { timeout = DEFAULT_TIMEOUT } = this.#options;
    return new Observable((subscriber) => {
      const end = readWithin(
        response,
        { maxMs: Math.max(0, Math.min(MAX_ERROR_BODY_MS, timeout, timeLeft)) },
        (body) => {
          this.#endErrorBody = undefined;
          if (body) setErrorBody(error, body);
          // Of a response that a selector reads, MonitoredBody tells.
          if (response !== this.#monitoredBody?.response) body?.chunks.forEach((bytes) => this.#onChunk?.(bytes));
          this.#errorBodyEnded = body?.hasEnded ?? false;
          subscriber.error(error);
        },
      );
      if (!subscriber.closed) this.#endErrorBody = end;
      return end;
    });
  }

  /** Reads the body of a status error that a selector threw, unless the selector read it. */
  #readThrownErrorBody(error: unknown, owner: ExchangeOwner): Observable<never> {
    const isUnread =
      isInstance(error, HttpStatusError) &&
      error.response === this.#monitoredBody?.response &&
      !error.response.bodyUsed;
    if (isUnread) return this.readErrorBody(error, owner);
    throw error;
  }

  /** Ends the reading of an error's body; returns whether one was read. */
  finishErrorBody(): boolean {
    const end = this.#endErrorBody;
    end?.();
    return end !== undefined;
  }

  onInactive(limit: number): void {
    const error = new HttpTimeoutError({ attempt: this.#attempt, scope: 'attempt', limit });
    if (this.#monitoredBody) this.#monitoredBody.fail(error);
    else this.error(error);
    // Whether the error is retried or not, this attempt is over.
    this.#abort();
  }

  /** Calls the interceptors, outermost first, and behind them the transport. */
  #intercepted(request: AttemptRequest): Observable<Response> {
    const { interceptors } = this.#options;
    type Send = (request: AttemptRequest) => Observable<Response>;
    const send = interceptors.reduceRight<Send>(
      (next, interceptor, index) => (request) => defer(() => callInterceptor(interceptor, index, request, next, this)),
      (request) => new Observable((subscriber) => this.#send(request, subscriber)),
    );
    const responses = send(request);
    return this.#hook ? this.#hook.aroundInterceptors(responses) : responses;
  }

  /** Calls the transport, with what telemetry does around it. */
  #send(request: OutgoingRequest, observer: Observer<Response>): TeardownLogic {
    // What is asked for after the attempt's end is not sent, and has no span.
    return this.#hook && !this.#released
      ? this.#hook.aroundSend(request, observer, this.#callTransport.bind(this))
      : this.#callTransport(request, observer);
  }

  /** Calls the transport. The returned call aborts when it is unsubscribed before it is settled. */
  #callTransport(request: OutgoingRequest, observer: Observer<Response>): Unsubscribable | undefined {
    // An interceptor with promises runs on after it was unsubscribed. Its later requests are not sent.
    if (this.#released) {
      observer.error(new DOMException('The attempt is over', 'AbortError'));
      return undefined;
    }
    this.releaseSuperseded();
    // fetch refuses a URL with user and password, and quotes it in its error. An interceptor or a selector can have
    // made one.
    const { url, headers } = splitCredentials(request.url, request.headers);
    const { method, body, init } = request;
    const call = new TransportCall();
    const fetchInit = call.createInit(init, method, headers);
    // Most attempts make one call. push() on an empty array would reserve memory for more.
    if (this.#calls) this.#calls.push(call);
    else this.#calls = [call];
    // An interceptor that takes its time is no inactivity of the network.
    if (this.#options.interceptors.length > 0) this.#inactivityTimer?.touch();
    const reject = (error: unknown): void => {
      // The request's body failed, and that error was emitted.
      if (call.isFinished) return;
      const failure = toSendError(error, this.#attempt, url, fetchInit);
      call.isSettled = call.isFinished = true;
      call.isProvenUnsent = isUnsent(failure);
      observer.error(failure);
    };
    if (isStream(body)) {
      const length = headers?.get('content-length') ?? undefined;
      const uploadListener: UploadListener = {
        onPull: () => this.#inactivityTimer?.touch(),
        onSourceError: (error) => {
          call.abort();
          call.isFinished = true;
          if (call.isSettled) this.#monitoredBody?.fail(error);
          else observer.error(error);
        },
      };
      const upload = monitorUpload(body, uploadListener, length === undefined ? length : Number(length));
      (this.#uploads ??= []).push(upload);
      fetchInit.body = upload.stream;
    } else if (body !== null) {
      fetchInit.body = body;
      call.reportActivity = () => this.#inactivityTimer?.touch();
      // The platform computes content-length. With a wrong one some platforms wait for bytes that never come.
      if (headers?.has('content-length')) {
        const headersWithoutLength = new Headers(headers);
        headersWithoutLength.delete('content-length');
        fetchInit.headers = headersWithoutLength;
      }
    }
    try {
      const platformBody = toPlatformBody(fetchInit.body);
      const sent = platformBody
        ? platformBody.then(
            (body) => {
              fetchInit.body = body;
              if (this.#released) throw new DOMException('The attempt is over', 'AbortError');
              return this.#options.fetch(url, fetchInit);
            },
            (error: unknown) => {
              // The error of a foreign Blob or form, and not of the network.
              call.isFinished = true;
              observer.error(error);
              throw error;
            },
          )
        : this.#options.fetch(url, fetchInit);
      Promise.resolve(sent).then((response) => {
        call.isSettled = true;
        if (!isHttpLike(response)) {
          observer.error(new TypeError(invalidOptionMessage('what the transport gives', response, 'a Response')));
          return;
        }
        call.response = response;
        // These URLs have no connection to abort. In Node an abort would be an uncaught exception.
        call.isFinished = /^(?:data|blob):/.test(url);
        if (this.#options.interceptors.length > 0) this.#inactivityTimer?.touch();
        try {
          observer.next(response);
          observer.complete();
        } catch (error) {
          // A getter of a foreign response can throw.
          observer.error(error);
        }
        // The interceptor may have emitted another response before this one came.
        this.#releaseOthers();
      }, reject);
    } catch (error) {
      // A transport can throw synchronously.
      reject(error);
    }
    return call;
  }

  /**
   * Returns the response that a selector reads: it reports inactivity, and its body fails with errors of this package.
   */
  openForReading(response: Response): Response {
    const { strategy, selector, timeout } = this.#options;
    const ignoresInactivity = timeout === undefined && typeof selector === 'object' && selector.allowsIdle;
    this.#monitoredBody = new MonitoredBody(
      response,
      this.#attempt,
      ignoresInactivity ? undefined : this.#inactivityTimer,
      strategy.shouldRetry !== undefined,
      this.#onChunk,
    );
    return this.#monitoredBody.response;
  }

  /**
   * Returns the cause of a selector's error: the body's failure, if it broke off. A status error stays: its status says
   * more.
   */
  attributeError(error: unknown): unknown {
    const failure = this.#monitoredBody?.failure;
    return failure && !isInstance(error, HttpStatusError) ? failure.error : error;
  }

  /** Releases the connection; returns the subscription of a body that is drained. */
  release(disposal: ConnectionDisposal): Subscription | undefined {
    const response = this.#response;
    const body = this.#monitoredBody;
    this.#inactivityTimer?.stop();
    this.#released = true;
    if (disposal !== 'keep') this.#supersededReads?.unsubscribe();
    // An upload discards its own source. A body that no upload took over is discarded here.
    if (disposal !== 'keep' || !this.#uploads) releaseBody(this.#attemptBody);
    if (disposal === 'keep' || body?.ended || this.#errorBodyEnded) {
      for (const call of this.#calls ?? []) {
        if (call.isSettled) for (const signal of this.#options.signals) (signal as CallKeeper).keepCall?.(call);
        else call.abort();
      }
      // The response is complete: nothing waits for the rest of the upload.
      if (disposal !== 'keep' || body?.ended) for (const upload of this.#uploads ?? []) upload.cancel();
    } else if (disposal === 'drain' && response && !body && !this.#uploads?.some((upload) => !upload.isFinished())) {
      return drain(response, () => {
        this.#abort();
      });
    } else {
      this.#abort();
      for (const upload of this.#uploads ?? []) upload.cancel();
    }
    return undefined;
  }

  #abort(): void {
    for (const call of this.#calls ?? []) {
      if (call.isFinished) this.#monitoredBody?.discard();
      call.abort();
    }
  }
}
