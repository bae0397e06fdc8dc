import { Observable } from 'rxjs';

import type { HookedInterceptor } from '../client/interceptor-hooks.js';
import type { ClientOptions } from '../client/options.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { RequestObserver } from '../retry/request-observer.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { BOOLEAN } from '../util/option-rule.js';
import type { Har, HarEntry } from './har.js';
import { RecordedRequest } from './recorded-request.js';
import type { SendingOptions } from './recorded-sending.js';
import { Redaction } from './redaction.js';

/** Options of a {@link HarRecorder}. */
export interface HarRecorderOptions {
  /**
   * Whether bodies are recorded: of responses what a selector reads, of requests those that can be opened anew. A
   * factory is called once more for each request then.
   *
   * @default false
   */
  readonly bodies?: boolean | undefined;
  /** The most bytes that are recorded of a body. @default 65_536 */
  readonly maxBodySize?: number | undefined;
  /** The most entries, and the most requests, that are kept: the oldest are dropped. @default 1_000 */
  readonly limit?: number | undefined;
  /**
   * The names of headers and of query parameters whose values are left out, besides `authorization`, `cookie`,
   * `proxy-authorization`, `set-cookie` and the signatures of presigned URLs. `false` leaves only the signatures out.
   *
   * @default []
   */
  readonly redact?: readonly string[] | false | undefined;
}

const RULES: OptionRules<HarRecorderOptions> = {
  bodies: BOOLEAN,
  maxBodySize: [0, 'a number of bytes of at least 0', (size: number) => size >= 0],
  limit: [0, 'a number of at least 1', (limit: number) => limit >= 1],
  redact: [
    undefined,
    'an array of names, or false',
    (names: unknown) => names === false || (Array.isArray(names) && names.every((name) => typeof name === 'string')),
  ],
};

/** The same as in the package's manifest, which browsers cannot read. */
const VERSION = '0.2.0';

/**
 * Records the requests of clients as a HAR 1.2 file, which the developer tools of browsers open: an entry for each
 * sending, and a page for each request, which groups its entries. Fields that begin with `_` say what HAR has no words
 * for: the number of the attempt, why it was retried, which gate held it.
 *
 * What it keeps is bounded by its options. It never fails a request.
 *
 * @see {@link http://www.softwareishard.com/blog/har-12-spec/ | HAR 1.2}
 *
 * @example
 * ```ts
 * import { RetryClient } from 'rxjs-retry-client';
 * import { HarRecorder } from 'rxjs-retry-client/har';
 *
 * const recorder = new HarRecorder({ bodies: true });
 * const client = new RetryClient().extend(recorder.options);
 *
 * client.getJSON('https://api.example.com/users').subscribe({
 *   error: () => console.log(JSON.stringify(recorder)),
 * });
 * ```
 */
export class HarRecorder {
  /** The options of a client that is recorded: `client.extend(recorder.options)`. Extend with them last. */
  readonly options: ClientOptions;
  readonly #sendingOptions: SendingOptions;
  readonly #limit: number;
  /** The requests that are kept, the oldest first. */
  readonly #requests = new Set<RecordedRequest>();
  /** Those under way, by their id. */
  readonly #running = new Map<string, RecordedRequest>();
  #entryCount = 0;
  /** The attempt that is being passed on to the next interceptor, which may be this recorder's again. */
  #passing: HttpAttempt | undefined;
  #pageCount = 0;

  /** @throws TypeError or RangeError for a bad option, naming it */
  constructor(options: HarRecorderOptions = {}) {
    checkKnownOptions(options, RULES);
    const { bodies = false, limit = 1_000, maxBodySize = 65_536, redact = [] } = options;
    this.#limit = limit;
    this.#sendingOptions = { redaction: new Redaction(redact), maxBodySize: bodies ? maxBodySize : undefined, limit };
    this.options = { interceptors: [this.#interceptor], observers: [this.#observer] };
  }

  /** The sendings until now, in the order in which they began. */
  get entries(): readonly HarEntry[] {
    return [...this.#requests]
      .flatMap(({ id, sendings }) => sendings.map((sending) => sending.toEntry(id)))
      .sort((one, other) => Date.parse(one.startedDateTime) - Date.parse(other.startedDateTime));
  }

  /** Forgets what was recorded. Requests under way are recorded from their next sending on. */
  clear(): void {
    this.#requests.clear();
    this.#entryCount = 0;
    for (const request of this.#running.values()) request.sendings.length = 0;
  }

  /** Returns the file. `JSON.stringify(recorder)` is its text. */
  toJSON(): Har {
    return {
      log: {
        version: '1.2',
        creator: { name: 'rxjs-retry-client', version: VERSION },
        pages: [...this.#requests].map((request) => request.toPage()),
        entries: this.entries,
      },
    };
  }

  readonly #observer: RequestObserver = (observed) => {
    // A client that was extended twice is recorded once.
    const { requestId } = observed;
    if (this.#running.has(requestId)) return undefined;
    const request = new RecordedRequest(observed, `request_${++this.#pageCount}`, this.#sendingOptions, () => {
      this.#running.delete(requestId);
    });
    this.#running.set(requestId, request);
    this.#keep(request);
    return request;
  };

  readonly #interceptor: HookedInterceptor = (attemptRequest, next, exchange) =>
    new Observable((subscriber) => {
      const { attempt } = attemptRequest;
      const request = attempt === this.#passing ? undefined : this.#running.get(attempt.requestId);
      if (!request) return next(attemptRequest).subscribe(subscriber);
      const sending = request.send(attemptRequest, exchange);
      this.#keep(request);
      this.#entryCount += 1;
      this.#dropOldest();
      this.#passing = attempt;
      const subscription = next(attemptRequest).subscribe({
        next: (response) => {
          // Interceptors before this one can send again now.
          this.#passing = undefined;
          sending.answer(response);
          subscriber.next(response);
        },
        error: (error: unknown) => {
          this.#passing = undefined;
          sending.stop();
          subscriber.error(error);
        },
        complete: () => {
          this.#passing = undefined;
          subscriber.complete();
        },
      });
      this.#passing = undefined;
      subscription.add(() => {
        sending.stop();
      });
      return subscription;
    });

  #keep(request: RecordedRequest): void {
    this.#requests.add(request);
    this.#dropOldest();
  }

  #dropOldest(): void {
    for (const request of this.#requests) {
      const excess = this.#entryCount - this.#limit;
      if (excess <= 0 && this.#requests.size <= this.#limit) return;
      const dropped = this.#requests.size > this.#limit ? request.sendings.length : excess;
      this.#entryCount -= request.sendings.splice(0, dropped).length;
      if (request.sendings.length === 0) this.#requests.delete(request);
    }
  }
}
