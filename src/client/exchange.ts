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
} from 'rxjs';

import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpStatusError, setErrorBody } from '../errors/http-status-error.js';
import { HttpTimeoutError } from '../errors/http-timeout-error.js';
import { toSendError } from '../errors/transport-error.js';
import { toPlatformBody } from '../http/foreign-body.js';
import { isHttpLike } from '../http/http-like.js';
import { readWithin } from '../http/read-within.js';
import { isStream, releaseBody, type Upload, monitorUpload, type UploadListener } from '../http/stream-body.js';
import { splitCredentials } from '../http/url.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { type DecisionWaiter, isAsyncIterable, pullWhenDecided, setDecisionWaiter } from '../retry/decided-values.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { TransportCall } from '../transports/transport-call.js';
import { isInstance } from '../util/foreign-object.js';
import { InactivityTimer } from '../util/inactivity-timer.js';
import { invalidOptionMessage } from '../util/option-rule.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { callInterceptor } from './call-interceptor.js';
import { drain } from './drain.js';
import { MonitoredBody } from './monitored-body.js';
import type { ResolvedOptions } from './options.js';
import { releaseSuperseded } from './superseded-response.js';

/** For whom a response is read: the request's host. */
export interface ReadingOwner extends DecisionWaiter {
  /** How much of the total timeout is left, in ms. */
  readonly timeLeft: number;
}

/** What becomes of the connection: its body is the consumer's, it is read to its end in bounds, or it is cut. */
export type ExchangeDisposal = 'keep' | 'drain' | 'abort';

/** An attempt's request, whose headers are there only where somebody wants to see them. */
export type OutgoingRequest = Pick<AttemptRequest, 'method' | 'url' | 'body' | 'init'> & {
  readonly headers: Headers | undefined;
  readonly attempt: HttpAttempt;
};

/** How long an attempt may be silent where nobody says otherwise, in ms. */
const DEFAULT_TIMEOUT = 30_000;

/** For how long the body of an error's response is read, in ms. */
const MAX_ERROR_MS = 1_000;

/** Whether an error proves that what it is about was not sent. */
function isUnsent(error: unknown): error is HttpNetworkError {
  return isInstance(error, HttpNetworkError) && error.sent === false;
}

/** One attempt's use of the network: from its request, through the interceptors and the transport, to what becomes of the response. */
export class Exchange implements Observer<Response> {
  readonly #options: ResolvedOptions;
  readonly #attempt: HttpAttempt;
  /** The calls of the transport: an interceptor may make several. */
  #calls: TransportCall[] | undefined;
  #subscriber: Subscriber<unknown> | undefined;
  #inactivityTimer: InactivityTimer | undefined;
  #response: Response | undefined;
  #monitoredBody: MonitoredBody | undefined;
  #uploads: Upload[] | undefined;
  /** The body that was opened for this attempt, be it sent or not. */
  #attemptBody: unknown;
  /** What is being drained of answers that were passed over. */
  #supersededReads: Subscription | undefined;
  /** Ends the reading of an error's body; there while that goes on. */
  #endErrorBody: (() => void) | undefined;
  #errorBodyEnded = false;
  #released = false;

  constructor(settings: ResolvedOptions, attempt: HttpAttempt) {
    this.#options = settings;
    this.#attempt = attempt;
  }

  /** Takes over the body that was opened for this attempt: it is discarded with the attempt, also where nobody has read it. */
  ownBody(content: unknown): void {
    if (this.#released) releaseBody(content);
    else this.#attemptBody = content;
  }

  /**
   * Sends the request, and emits what comes back: the response, which is to be judged, and where it is to be read, what is read from it.
   * Silence until then is an error.
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
      // A request has one response: an interceptor that goes on is let go of.
      if (interceptors.length > 0) {
        return this.#intercepted(request as AttemptRequest)
          .pipe(take(1))
          .subscribe(this);
      }
      // The one call is cut when this is released: no teardown is needed.
      this.#send(request, this);
      return undefined;
    });
  }

  next(response: Response): void {
    this.#inactivityTimer?.pause();
    if (this.#calls?.some(({ isCut, response: answer }) => isCut && answer === response)) {
      this.error(
        new TypeError('an interceptor gives a response that was cut when it sent again: read it, or a clone, before'),
      );
      return;
    }
    this.#response = response;
    this.#releaseOthers();
    this.#subscriber?.next(response);
  }

  /** Answers of earlier calls, before an interceptor sends again, and once it has chosen another. */
  #releaseSuperseded(): void {
    for (const call of this.#calls ?? []) {
      const end = releaseSuperseded(call, (response) => response === this.#response);
      if (end) (this.#supersededReads ??= new Subscription()).add(end);
    }
  }

  /** Where an interceptor made a response of its own, nobody knows what that is made of: then all are left alone. */
  #releaseOthers(): void {
    if (this.#calls?.some(({ response }) => response === this.#response)) this.#releaseSuperseded();
  }

  error(error: unknown): void {
    // That one call was not sent proves nothing where an interceptor has made another.
    if (this.mayHaveReachedServer && isUnsent(error) && error.attempt === this.#attempt) {
      Reflect.deleteProperty(error, 'sent');
    }
    this.#subscriber?.error(error);
  }

  /** Whether a call was made that has not failed before anything was sent. */
  get mayHaveReachedServer(): boolean {
    return this.#calls?.some(({ provenUnsent: unsent }) => !unsent) ?? false;
  }

  complete(): void {
    // A selector reads on, and so does whoever reads the body of an error.
    const { selector, throwHttpErrors } = this.#options;
    const response = this.#response;
    if (!response || !(selector ?? (throwHttpErrors && response.status >= 400))) this.#subscriber?.complete();
  }

  /** Emits what is read from the response. */
  read(select: () => ObservableInput<unknown>, owner: ReadingOwner): void {
    let values: Observable<unknown>;
    const isAsked = this.#options.strategy.shouldRetry !== undefined;
    if (isAsked) setDecisionWaiter(this.#attempt, owner);
    try {
      const selected = select();
      // The selector has ended the request itself: nobody subscribes, and its promise would be rejected unheard.
      if (this.#released && selected instanceof Promise) selected.catch(() => undefined);
      values = this.#released
        ? EMPTY
        : isAsked && isAsyncIterable(selected)
          ? pullWhenDecided(selected, owner)
          : from(selected);
    } catch (error) {
      // eslint-disable-next-line rxjs-x/throw-error -- whatever it threw
      values = throwError(() => error);
    }
    if (this.#options.throwHttpErrors === false) {
      values = values.pipe(catchError((error: unknown) => this.#rethrow(error, owner)));
    }
    runAndReportErrors(() => values.subscribe(this.#subscriber));
  }

  /**
   * Errors with a status error, once the body of its response was read within bounds: so an error that nobody looks into holds no connection.
   *
   * @param timeLeft - the longest that may take, in ms
   */
  readErrorBody(error: HttpStatusError, { timeLeft }: ReadingOwner): Observable<never> {
    const { response } = error;
    const { timeout = DEFAULT_TIMEOUT } = this.#options;
    return new Observable((subscriber) => {
      const end = readWithin(response, { maxMs: Math.max(0, Math.min(MAX_ERROR_MS, timeout, timeLeft)) }, (body) => {
        this.#endErrorBody = undefined;
        if (body) setErrorBody(error, body);
        this.#errorBodyEnded = body?.ended ?? false;
        subscriber.error(error);
      });
      if (!subscriber.closed) this.#endErrorBody = end;
      return end;
    });
  }

  /** A selector may throw a status error of its own, with a body that it has not read. */
  #rethrow(error: unknown, owner: ReadingOwner): Observable<never> {
    const isUnread =
      isInstance(error, HttpStatusError) &&
      error.response === this.#monitoredBody?.response &&
      !error.response.bodyUsed;
    if (isUnread) return this.readErrorBody(error, owner);
    throw error;
  }

  /** Has the reading of an error's body end here; `false` where none goes on. */
  finishErrorBody(): boolean {
    const end = this.#endErrorBody;
    end?.();
    return end !== undefined;
  }

  onInactive(limit: number): void {
    const error = new HttpTimeoutError({ attempt: this.#attempt, scope: 'attempt', limit });
    if (this.#monitoredBody) this.#monitoredBody.fail(error);
    else this.error(error);
    // Whatever becomes of it, nothing more of this attempt is wanted.
    this.#abort();
  }

  /** Through the interceptors, outermost first, to the transport behind them. */
  #intercepted(request: AttemptRequest): Observable<Response> {
    return this.#options.interceptors.reduceRight<(request: AttemptRequest) => Observable<Response>>(
      (next, interceptor, index) => (request) => defer(() => callInterceptor(interceptor, index, request, next)),
      (request) => new Observable((subscriber) => this.#send(request, subscriber)),
    )(request);
  }

  /** Calls the transport. What is returned aborts the call, where it was not answered yet. */
  #send(request: OutgoingRequest, answered: Observer<Response>): TeardownLogic {
    // An interceptor of promises goes on after it was unsubscribed from: what it asks for then is not sent.
    if (this.#released) {
      answered.error(new DOMException('The attempt is over', 'AbortError'));
      return undefined;
    }
    this.#releaseSuperseded();
    // An interceptor, or a selector, may have put a user and a password into the URL, which fetch refuses and quotes.
    const { url, headers } = splitCredentials(request.url, request.headers);
    const { method, body, init } = request;
    const call = new TransportCall();
    const full = call.init(init, method, headers);
    // Mostly the only one, and an array that grew has room for more.
    if (this.#calls) this.#calls.push(call);
    else this.#calls = [call];
    // What an interceptor did before was a sign of life.
    if (this.#options.interceptors.length > 0) this.#inactivityTimer?.touch();
    const reject = (error: unknown): void => {
      // Its body's own failure has been told.
      if (call.finished) return;
      const failure = toSendError(error, this.#attempt, url, full);
      call.answered = call.finished = true;
      call.provenUnsent = isUnsent(failure);
      answered.error(failure);
    };
    if (isStream(body)) {
      const length = headers?.get('content-length') ?? undefined;
      const listener: UploadListener = {
        onPull: () => this.#inactivityTimer?.touch(),
        onSourceError: (error) => {
          call.abort();
          call.finished = true;
          if (call.answered) this.#monitoredBody?.fail(error);
          else answered.error(error);
        },
      };
      const sending = monitorUpload(body, listener, length === undefined ? length : Number(length));
      (this.#uploads ??= []).push(sending);
      full.body = sending.stream;
    } else if (body !== null) {
      full.body = body;
      call.reportActivity = () => this.#inactivityTimer?.touch();
      // The platform knows it better: some send nothing, and wait, where it is wrong.
      if (headers?.has('content-length')) {
        const rest = new Headers(headers);
        rest.delete('content-length');
        full.headers = rest;
      }
    }
    try {
      const own = toPlatformBody(full.body);
      const sent = own
        ? own.then(
            (one) => {
              full.body = one;
              if (this.#released) throw new DOMException('The attempt is over', 'AbortError');
              return this.#options.fetch(url, full);
            },
            (error: unknown) => {
              // The body's own, and no failure of the network.
              call.finished = true;
              answered.error(error);
              throw error;
            },
          )
        : this.#options.fetch(url, full);
      Promise.resolve(sent).then((response) => {
        call.answered = true;
        if (!isHttpLike(response)) {
          answered.error(new TypeError(invalidOptionMessage('what the transport gives', response, 'a Response')));
          return;
        }
        call.response = response;
        // Of what is at hand there is no connection to cut, and Node throws, where nobody can catch it, if it is aborted.
        call.finished = /^(?:data|blob):/.test(url);
        if (this.#options.interceptors.length > 0) this.#inactivityTimer?.touch();
        try {
          answered.next(response);
          answered.complete();
        } catch (error) {
          // A response may throw when it is looked at.
          answered.error(error);
        }
        // One that comes after another was chosen.
        this.#releaseOthers();
      }, reject);
    } catch (error) {
      // A transport that throws has rejected.
      reject(error);
    }
    return call;
  }

  /** The response as a selector reads it: silence counts, and what breaks off is told as ours. */
  openForReading(response: Response): Response {
    const { strategy: policy, selector, timeout } = this.#options;
    const patient = timeout === undefined && typeof selector === 'object' && selector.patient;
    this.#monitoredBody = new MonitoredBody(
      response,
      this.#attempt,
      patient ? undefined : this.#inactivityTimer,
      policy.shouldRetry !== undefined,
    );
    return this.#monitoredBody.response;
  }

  /** What is to blame for a selector's error: the body, where that broke off. A status is worth more than how its body ended. */
  attributeError(error: unknown): unknown {
    const failure = this.#monitoredBody?.failure;
    return failure && !isInstance(error, HttpStatusError) ? failure.error : error;
  }

  /** Ends it: from here on the network is either the consumer's, or nobody's. What goes on, while a body is drained, is returned. */
  release(how: ExchangeDisposal): Subscription | undefined {
    const response = this.#response;
    const reading = this.#monitoredBody;
    this.#inactivityTimer?.stop();
    this.#released = true;
    if (how !== 'keep') this.#supersededReads?.unsubscribe();
    // What was sent its upload discards; the rest nobody else has.
    if (how !== 'keep' || !this.#uploads) releaseBody(this.#attemptBody);
    if (how === 'keep' || reading?.ended || this.#errorBodyEnded) {
      for (const call of this.#calls ?? []) if (!call.answered) call.abort();
      // The answer is whole: what is still being sent nobody waits for.
      if (how !== 'keep' || reading?.ended) for (const one of this.#uploads ?? []) one.cancel();
    } else if (how === 'drain' && response && !reading && !this.#uploads?.some((one) => !one.isFinished())) {
      return drain(response, () => {
        this.#abort();
      });
    } else {
      this.#abort();
      for (const one of this.#uploads ?? []) one.cancel();
    }
    return undefined;
  }

  #abort(): void {
    for (const call of this.#calls ?? []) {
      if (call.finished) this.#monitoredBody?.discard();
      call.abort();
    }
  }
}
