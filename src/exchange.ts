import { defer, Observable, type Subscription, type TeardownLogic } from 'rxjs';

import type { HttpAttempt } from './attempt.js';
import { refusal } from './check.js';
import { drain } from './drain.js';
import { HttpTimeoutError } from './errors/http-timeout-error.js';
import { explainBody, explainSend } from './errors/explain.js';
import { isHttpLike } from './http-like.js';
import type { AttemptRequest } from './interceptor.js';
import type { Settings } from './options.js';
import { Silence } from './silence.js';
import { Call } from './transports/call.js';
import { isStream, type Upload, upload } from './upload.js';
import { type Reading, watchBody } from './watched-body.js';

/** What becomes of the connection: its body is the consumer's, it is read to its end in bounds, or it is cut. */
export type Parting = 'keep' | 'drain' | 'abort';

/** An attempt's request, whose headers are there only where somebody wants to see them. */
export type Sending = Pick<AttemptRequest, 'method' | 'url' | 'body' | 'init'> & { readonly headers: Headers | undefined; readonly attempt: HttpAttempt };

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

  /** Sends the request, and emits what comes back. Silence until then is an error. */
  answer(request: Sending): Observable<Response> {
    const { interceptors, timeout } = this.#settings;
    return new Observable((subscriber) => {
      const onError = (error: unknown): void => {
        subscriber.error(error);
      };
      const onResponse = (response: Response): void => {
        this.#silence?.rest();
        if (!isHttpLike(response)) {
          onError(new TypeError(refusal('what a transport or interceptor gives', response, 'a Response')));
          return;
        }
        this.#response = response;
        subscriber.next(response);
        // A request has one response: an interceptor that goes on is let go of.
        subscriber.complete();
      };
      if (timeout !== Infinity) {
        this.#silence = new Silence(timeout, () => {
          const error = new HttpTimeoutError({ attempt: this.#attempt, scope: 'attempt', limit: timeout });
          if (this.#reading) this.#reading.fail(error);
          else onError(error);
        });
        this.#silence.listen();
      }
      if (interceptors.length === 0) return this.#send(request, onResponse, onError);
      return this.#intercepted(request as AttemptRequest).subscribe({
        next: onResponse,
        error: onError,
        complete: () => {
          subscriber.complete();
        },
      });
    });
  }

  /** Through the interceptors, outermost first, to the transport behind them. */
  #intercepted(request: AttemptRequest): Observable<Response> {
    const last = (request: AttemptRequest): Observable<Response> =>
      new Observable((subscriber) =>
        this.#send(
          request,
          (response) => {
            subscriber.next(response);
            subscriber.complete();
          },
          (error) => {
            subscriber.error(error);
          },
        ),
      );
    return this.#settings.interceptors.reduceRight<typeof last>((next, interceptor) => (request) => defer(() => interceptor(request, next)), last)(request);
  }

  /** Calls the transport. What is returned aborts the call, where it was not answered yet. */
  #send({ url, method, headers, body, init }: Sending, onResponse: (response: Response) => void, onError: (error: unknown) => void): TeardownLogic {
    // An interceptor of promises goes on after it was unsubscribed from: what it asks for then is not sent.
    if (this.#released) {
      onError(new DOMException('The attempt is over', 'AbortError'));
      return undefined;
    }
    const call = new Call();
    const full = call.init(init, method, headers);
    this.#calls.push(call);
    this.#silence?.touch();
    if (isStream(body)) {
      const sending = upload(body, () => this.#silence?.touch());
      (this.#uploads ??= []).push(sending);
      full.body = sending.stream;
    } else if (body !== null) {
      full.body = body;
    }
    const onRejection = (error: unknown): void => {
      call.answered = call.over = true;
      onError(explainSend(error, this.#attempt, url, full));
    };
    try {
      Promise.resolve(this.#settings.fetch(url, full)).then((response) => {
        call.answered = true;
        this.#silence?.touch();
        onResponse(response);
      }, onRejection);
    } catch (error) {
      // A transport that throws has rejected.
      onRejection(error);
    }
    return () => {
      if (!call.answered) call.abort();
    };
  }

  /** The response as a selector reads it: silence counts, and what breaks off is told as ours. */
  view(response: Response): Response {
    this.#reading = watchBody(response, this.#silence, (error) => explainBody(error, this.#attempt));
    return this.#reading.response;
  }

  /** What is to blame for a selector's error: the body, where that broke off. */
  blame(error: unknown): unknown {
    return this.#reading?.failure() ?? error;
  }

  /** Ends it: from here on the network is either the consumer's, or nobody's. What goes on, while a body is drained, is returned. */
  release(how: Parting): Subscription | undefined {
    const response = this.#response;
    const reading = this.#reading;
    this.#silence?.stop();
    this.#released = true;
    if (how === 'keep' || reading?.ended()) {
      for (const call of this.#calls) if (!call.answered) call.abort();
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
    for (const call of this.#calls) call.abort();
  }
}
