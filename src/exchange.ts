import { defer, Observable, type Subscription } from 'rxjs';

import type { HttpAttempt } from './attempt.js';
import { wrongType } from './check.js';
import { drain } from './drain.js';
import { HttpNetworkError } from './errors/http-network-error.js';
import { HttpTimeoutError } from './errors/http-timeout-error.js';
import { explainBody, explainSend } from './errors/explain.js';
import type { Release } from './host.js';
import { isHttpLike } from './http-like.js';
import type { AttemptRequest } from './interceptor.js';
import type { Settings } from './options.js';
import { Silence } from './silence.js';
import { type Call, send } from './transports/send.js';
import { isStream, type Upload, upload } from './upload.js';
import { type Reading, watchBody } from './watched-body.js';

/** How long an attempt may be silent where nobody says otherwise, in ms. */
const DEFAULT_TIMEOUT = 30_000;

/** One attempt's use of the network: from its request, through the interceptors and the transport, to what becomes of the response. */
export class Exchange {
  readonly #settings: Settings;
  readonly #attempt: HttpAttempt;
  /** The calls of the transport: an interceptor may make several. */
  readonly #calls: Call[] = [];
  #silence: Silence | undefined;
  #response: Response | undefined;
  #reading: Reading | undefined;
  #uploads: Upload[] | undefined;
  #released = false;

  constructor(settings: Settings, attempt: HttpAttempt) {
    this.#settings = settings;
    this.#attempt = attempt;
  }

  /** Fails for a target that can go nowhere. */
  static refused(attempt: HttpAttempt, reason: string): HttpNetworkError {
    return new HttpNetworkError({ attempt, reason, phase: 'connect', sent: false, permanent: true });
  }

  /** Sends the request, and emits what comes back. Silence until then is an error. */
  answer(request: AttemptRequest): Observable<Response> {
    return new Observable((subscriber) => {
      const silence = this.#watchSilence((error) => {
        subscriber.error(error);
      });
      silence?.listen();
      return this.#handler()(request).subscribe({
        next: (response) => {
          silence?.rest();
          if (!isHttpLike(response)) {
            subscriber.error(wrongType('what a transport or interceptor gives', response, 'a Response'));
            return;
          }
          this.#response = response;
          subscriber.next(response);
          // A request has one response: an interceptor that goes on is let go of.
          subscriber.complete();
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      });
    });
  }

  /** The interceptors, outermost first, and the transport behind them. */
  #handler(): (request: AttemptRequest) => Observable<Response> {
    return this.#settings.interceptors.reduceRight<(request: AttemptRequest) => Observable<Response>>(
      (next, interceptor) => (request) => defer(() => interceptor(request, next)),
      (request) => this.#transfer(request),
    );
  }

  #transfer({ url, method, headers, body, init }: AttemptRequest): Observable<Response> {
    const full: RequestInit = { ...init, method, headers };
    if (isStream(body)) {
      const sending = upload(body, () => this.#silence?.touch());
      (this.#uploads ??= []).push(sending);
      full.body = sending.stream;
    } else if (body !== null) {
      full.body = body;
    }
    return send(this.#settings.transport, url, full, {
      onCall: (call) => {
        // An interceptor of promises goes on after it was unsubscribed from: what it asks for then is not sent.
        if (this.#released) throw new DOMException('The attempt is over', 'AbortError');
        this.#calls.push(call);
        this.#silence?.touch();
      },
      onAnswer: () => this.#silence?.touch(),
      explain: (error) => explainSend(error, this.#attempt, url, full),
    });
  }

  #watchSilence(onError: (error: Error) => void): Silence | undefined {
    const { timeout = DEFAULT_TIMEOUT } = this.#settings;
    if (timeout === Infinity) return undefined;
    return (this.#silence = new Silence(timeout, () => {
      const error = new HttpTimeoutError({ attempt: this.#attempt, scope: 'attempt', limit: timeout });
      if (this.#reading) this.#reading.fail(error);
      else onError(error);
    }));
  }

  /** The response as a selector reads it: silence counts, and what breaks off is told as ours. */
  view(response: Response): Response {
    const { selector, timeout } = this.#settings;
    const patient = timeout === undefined && typeof selector === 'object' && selector.patient;
    this.#reading = watchBody(response, patient ? undefined : this.#silence, (error) => explainBody(error, this.#attempt));
    return this.#reading.response;
  }

  /** What is to blame for a selector's error: the body, where that broke off. */
  blame(error: unknown): unknown {
    return this.#reading?.failure() ?? error;
  }

  /** Ends it: from here on the network is either the consumer's, or nobody's. */
  release(how: Release): Subscription | undefined {
    const response = this.#response;
    const reading = this.#reading;
    this.#silence?.stop();
    this.#released = true;
    if (how === 'keep' || reading?.ended()) {
      this.#abort((call) => !call.answered);
      return undefined;
    }
    const uploading = this.#uploads?.some((one) => !one.over()) ?? false;
    if (how === 'drain' && response && !reading && !uploading) {
      return drain(response, () => {
        this.#abort();
      });
    }
    this.#abort();
    for (const one of this.#uploads ?? []) one.cancel();
    return undefined;
  }

  #abort(which: (call: Call) => boolean = ({ rejected }) => !rejected): void {
    for (const call of this.#calls) if (which(call)) call.controller.abort();
  }
}
