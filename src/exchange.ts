import { defer, EMPTY, from, Observable, type ObservableInput, type Observer, type Subscriber, Subscription, take, type TeardownLogic } from 'rxjs';

import type { HttpAttempt } from './attempt.js';
import { refusal } from './check.js';
import { drain } from './drain.js';
import { HttpNetworkError } from './errors/http-network-error.js';
import { HttpTimeoutError } from './errors/http-timeout-error.js';
import { explainSend } from './errors/explain.js';
import { isInstance } from './errors/marks.js';
import { toOwnBody } from './foreign-body.js';
import { isHttpLike } from './http-like.js';
import type { AttemptRequest } from './interceptor.js';
import type { Settings } from './options.js';
import { orReport } from './or-report.js';
import { Silence } from './silence.js';
import { Call } from './transports/call.js';
import { isStream, type Upload, upload, type UploadListener } from './upload.js';
import { Reading } from './watched-body.js';

/** What becomes of the connection: its body is the consumer's, it is read to its end in bounds, or it is cut. */
export type Parting = 'keep' | 'drain' | 'abort';

/** An attempt's request, whose headers are there only where somebody wants to see them. */
export type Sending = Pick<AttemptRequest, 'method' | 'url' | 'body' | 'init'> & { readonly headers: Headers | undefined; readonly attempt: HttpAttempt };

/** How long an attempt may be silent where nobody says otherwise, in ms. */
const DEFAULT_TIMEOUT = 30_000;

/** Whether an error proves that what it is about was not sent. */
function isUnsent(error: unknown): error is HttpNetworkError {
  return isInstance(error, HttpNetworkError) && error.sent === false;
}

/** One attempt's use of the network: from its request, through the interceptors and the transport, to what becomes of the response. */
export class Exchange implements Observer<Response> {
  readonly #settings: Settings;
  readonly #attempt: HttpAttempt;
  /** The calls of the transport: an interceptor may make several. */
  #calls: Call[] | undefined;
  #subscriber: Subscriber<unknown> | undefined;
  #silence: Silence | undefined;
  #response: Response | undefined;
  #reading: Reading | undefined;
  #uploads: Upload[] | undefined;
  /** What is being drained of answers that were passed over. */
  #passedOver: Subscription | undefined;
  #released = false;

  constructor(settings: Settings, attempt: HttpAttempt) {
    this.#settings = settings;
    this.#attempt = attempt;
  }

  /**
   * Sends the request, and emits what comes back: the response, which is to be judged, and where it is to be read, what is read from it.
   * Silence until then is an error.
   */
  answer(request: Sending): Observable<unknown> {
    return new Observable((subscriber) => {
      if (this.#released) return undefined;
      this.#subscriber = subscriber;
      const { interceptors, timeout = DEFAULT_TIMEOUT } = this.#settings;
      if (timeout !== Infinity) {
        this.#silence = new Silence(timeout, this);
        this.#silence.listen();
      }
      // A request has one response: an interceptor that goes on is let go of.
      if (interceptors.length > 0) return this.#intercepted(request as AttemptRequest).pipe(take(1)).subscribe(this);
      // The one call is cut when this is released: no teardown is needed.
      this.#send(request, this);
      return undefined;
    });
  }

  next(response: Response): void {
    this.#silence?.rest();
    if (!isHttpLike(response)) {
      this.error(new TypeError(refusal('what a transport or interceptor gives', response, 'a Response')));
      return;
    }
    this.#response = response;
    this.#drop(response);
    this.#subscriber?.next(response);
  }

  /**
   * Discards the answers that an interceptor passed over for another one (a 401 whose request it made again, say), unless it reads them: unread,
   * they would keep their connections. Where it made a response of its own nobody knows what that is made of.
   */
  #drop(chosen: Response): void {
    const calls = this.#calls ?? [];
    if (calls.length < 2 || !calls.some(({ response }) => response === chosen)) return;
    for (const call of calls) {
      const { response } = call;
      if (!response || response === chosen || response.bodyUsed || response.body?.locked) continue;
      const draining = drain(response, () => {
        call.abort();
      });
      (this.#passedOver ??= new Subscription()).add(draining);
    }
  }

  error(error: unknown): void {
    // That one call was not sent proves nothing where an interceptor has made another.
    if (this.mayHaveArrived && isUnsent(error) && error.attempt === this.#attempt) Reflect.deleteProperty(error, 'sent');
    this.#subscriber?.error(error);
  }

  /** Whether a call was made that has not failed before anything was sent. */
  get mayHaveArrived(): boolean {
    return this.#calls?.some(({ unsent }) => !unsent) ?? false;
  }

  complete(): void {
    if (!this.#response || !this.#settings.selector) this.#subscriber?.complete();
  }

  /** Emits what is read from the response. */
  read(select: () => ObservableInput<unknown>): void {
    let values: Observable<unknown>;
    try {
      const selected = select();
      // The selector has ended the request itself: nobody subscribes, and its promise would be rejected unheard.
      if (this.#released && selected instanceof Promise) selected.catch(() => undefined);
      values = this.#released ? EMPTY : from(selected);
    } catch (error) {
      this.error(error);
      return;
    }
    orReport(() => values.subscribe(this.#subscriber));
  }

  silent(limit: number): void {
    const error = new HttpTimeoutError({ attempt: this.#attempt, scope: 'attempt', limit });
    if (this.#reading) this.#reading.fail(error);
    else this.error(error);
    // Whatever becomes of it, nothing more of this attempt is wanted.
    this.#abort();
  }

  /** Through the interceptors, outermost first, to the transport behind them. */
  #intercepted(request: AttemptRequest): Observable<Response> {
    return this.#settings.interceptors.reduceRight<(request: AttemptRequest) => Observable<Response>>(
      (next, interceptor) => (request) => defer(() => interceptor(request, next)),
      (request) => new Observable((subscriber) => this.#send(request, subscriber)),
    )(request);
  }

  /** Calls the transport. What is returned aborts the call, where it was not answered yet. */
  #send({ url, method, headers, body, init }: Sending, answered: Observer<Response>): TeardownLogic {
    // An interceptor of promises goes on after it was unsubscribed from: what it asks for then is not sent.
    if (this.#released) {
      answered.error(new DOMException('The attempt is over', 'AbortError'));
      return undefined;
    }
    const call = new Call();
    const full = call.init(init, method, headers);
    // Mostly the only one, and an array that grew has room for more.
    if (this.#calls) this.#calls.push(call);
    else this.#calls = [call];
    this.#silence?.touch();
    const reject = (error: unknown): void => {
      // Its body's own failure has been told.
      if (call.over) return;
      const failure = explainSend(error, this.#attempt, url, full);
      call.answered = call.over = true;
      call.unsent = isUnsent(failure);
      answered.error(failure);
    };
    if (isStream(body)) {
      const length = headers?.get('content-length') ?? undefined;
      const listener: UploadListener = {
        pulled: () => this.#silence?.touch(),
        failed: (error) => {
          call.abort();
          call.over = true;
          if (call.answered) this.#reading?.fail(error);
          else answered.error(error);
        },
      };
      const sending = upload(body, listener, length === undefined ? length : Number(length));
      (this.#uploads ??= []).push(sending);
      full.body = sending.stream;
    } else if (body !== null) {
      full.body = body;
      call.touch = () => this.#silence?.touch();
      // The platform knows it better: some send nothing, and wait, where it is wrong.
      if (headers?.has('content-length')) {
        const rest = new Headers(headers);
        rest.delete('content-length');
        full.headers = rest;
      }
    }
    try {
      const own = toOwnBody(full.body);
      const sent = own
        ? own.then(
            (one) => {
              full.body = one;
              if (this.#released) throw new DOMException('The attempt is over', 'AbortError');
              return this.#settings.fetch(url, full);
            },
            (error: unknown) => {
              // The body's own, and no failure of the network.
              call.over = true;
              answered.error(error);
              throw error;
            },
          )
        : this.#settings.fetch(url, full);
      Promise.resolve(sent).then((response) => {
        call.answered = true;
        call.response = response;
        // Of what is at hand there is no connection to cut, and Node throws, where nobody can catch it, if it is aborted.
        call.over = /^(?:data|blob):/.test(url);
        this.#silence?.touch();
        answered.next(response);
        answered.complete();
        // One that comes after another was chosen.
        if (this.#response) this.#drop(this.#response);
      }, reject);
    } catch (error) {
      // A transport that throws has rejected.
      reject(error);
    }
    return call;
  }

  /** The response as a selector reads it: silence counts, and what breaks off is told as ours. */
  view(response: Response): Response {
    const { selector, timeout } = this.#settings;
    const patient = timeout === undefined && typeof selector === 'object' && selector.patient;
    this.#reading = new Reading(response, this.#attempt, patient ? undefined : this.#silence);
    return this.#reading.response;
  }

  /** What is to blame for a selector's error: the body, where that broke off. */
  blame(error: unknown): unknown {
    const failure = this.#reading?.failure;
    return failure ? failure.error : error;
  }

  /** Ends it: from here on the network is either the consumer's, or nobody's. What goes on, while a body is drained, is returned. */
  release(how: Parting): Subscription | undefined {
    const response = this.#response;
    const reading = this.#reading;
    this.#silence?.stop();
    this.#released = true;
    if (how !== 'keep') this.#passedOver?.unsubscribe();
    if (how === 'keep' || reading?.ended) {
      for (const call of this.#calls ?? []) if (!call.answered) call.abort();
      // The answer is whole: what is still being sent nobody waits for.
      if (reading?.ended) for (const one of this.#uploads ?? []) one.cancel();
    } else if (how === 'drain' && response && !reading && !this.#uploads?.some((one) => !one.over())) {
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
      if (call.over) this.#reading?.discard();
      call.abort();
    }
  }
}
