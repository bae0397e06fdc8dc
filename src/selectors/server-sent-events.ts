import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpParseError } from '../errors/http-parse-error.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { now } from '../util/clock.js';
import { checkNumber } from '../util/option-rule.js';
import { checkNames } from './check-names.js';
import { chunks } from './chunks.js';
import { mediaType } from './representation.js';
import type { PulledReading, ResumableOnDemandSelector } from './selector.js';
import { ServerSentEventParser, type ServerSentEvent } from './sse-parser.js';
import { Utf8Decoder } from './utf8-decoder.js';

/** What {@link serverSentEvents} takes. */
export interface ServerSentEventsOptions {
  /** The longest event that is read, in characters; a longer one is an {@link HttpParseError} with this `limit`. It bounds the memory. @default Infinity */
  readonly maxLength?: number | undefined;
  /** The longest wait that the server's `retry` field can ask for, in ms; a longer one is cut to it. 0 ignores the field. @default 60_000 */
  readonly maxRetry?: number | undefined;
}

/** The shortest wait that the server's `retry` field can ask for, in ms: `retry: 0` would make a loop without a pause. */
const MIN_RETRY = 200;
/** The longest wait between attempts that bring nothing, unless the server asked for a longer one, in ms. */
const MAX_WAIT = 30_000;
/** A connection that lasted so long was of use, in ms, though no event came: proxies cut quiet ones, mostly after 30 s or more. */
const LASTED = 10_000;

/** A header's characters are bytes: those of UTF-8, as browsers send an id. */
function asHeader(id: string): string {
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join('');
}

class EventReading implements PulledReading<ServerSentEvent> {
  readonly #maxLength: number;
  readonly #maxRetry: number;
  #lastEventId = '';
  #retry: number | undefined;
  /** How many attempts in a row, this one included, have come no further; and whether this one has. */
  #missed = 0;
  #progressed = false;
  /** The attempt that is on: one that was given up may still get something, which counts for nothing. */
  #turn = 0;

  constructor(maxLength: number, maxRetry: number) {
    this.#maxLength = maxLength;
    this.#maxRetry = maxRetry;
  }

  prepare(request: AttemptRequest): AttemptRequest {
    this.#turn += 1;
    this.#missed = this.#progressed ? 1 : this.#missed + 1;
    this.#progressed = false;
    const headers = new Headers(request.headers);
    if (!headers.has('accept')) headers.set('accept', 'text/event-stream');
    if (this.#lastEventId !== '') headers.set('last-event-id', asHeader(this.#lastEventId));
    return { ...request, headers, init: { cache: 'no-store', ...request.init } };
  }

  async *select(response: Response, attempt: HttpAttempt): AsyncGenerator<ServerSentEvent> {
    // The server's word for: no more, and do not come back.
    if (response.status === 204) return;
    if (response.status !== 200 || mediaType(response.headers) !== 'text/event-stream') {
      throw new HttpParseError({ attempt, response, summary: 'this is no event stream' });
    }
    const limit = this.#maxLength;
    const decoder = new Utf8Decoder();
    const stream = new ServerSentEventParser(limit, this.#lastEventId, () => {
      const summary = `an event of the stream is longer than maxLength, which is ${limit} characters`;
      return new HttpParseError({ attempt, response, limit, summary });
    });
    const turn = this.#turn;
    const opened = now();
    try {
      for await (const chunk of chunks()(response, attempt)) {
        if (turn !== this.#turn) return;
        for (const event of stream.read(decoder.decode(chunk))) {
          this.#heed(stream.retry);
          yield event;
          // Now that it has been judged: one that is retried must come again, so its id must not be sent.
          this.#lastEventId = event.lastEventId;
          this.#progressed = true;
        }
        this.#heed(stream.retry);
        this.#lastEventId = stream.lastEventId;
        this.#progressed ||= stream.hasComment;
      }
    } finally {
      this.#progressed ||= turn === this.#turn && now() - opened >= LASTED;
    }
    throw new HttpNetworkError({ attempt, summary: 'the event stream ended', phase: 'body' });
  }

  #heed(retry: number | undefined): void {
    if (retry !== undefined && this.#maxRetry > 0) this.#retry = Math.min(Math.max(retry, MIN_RETRY), this.#maxRetry);
  }

  madeProgress(): boolean {
    return this.#progressed;
  }

  delay(): number | undefined {
    const retry = this.#retry;
    // HTML lets a client wait longer where no connection can be made; one that brings nothing is no better.
    return retry && Math.max(retry, Math.min(MAX_WAIT, retry * 2 ** (this.#progressed ? 0 : this.#missed)));
  }
}

/**
 * Reads a response's body as server-sent events, as `EventSource` does, and connects again when the stream is lost: with `Last-Event-ID`,
 * after the time that the server's `retry` field says (else the backoff), as often as the strategy says. Unlike `EventSource` it can send
 * headers, and be a POST.
 *
 * A stream that ends is a lost connection: complete it yourself, by `takeWhile` or by unsubscribing. An answer of 204 completes it. One
 * that is no event stream is an {@link HttpParseError}. With `resetOnSuccess` each event starts the count of attempts over, so it lives on
 * however flaky the network is; so does a connection that brought a comment, or lasted for 10 s.
 *
 * An id that cannot be sent back, with control characters or of more than 4,096 bytes, is ignored, and the one before stays: as HTML says
 * of an id with NULL.
 *
 * An event stream may be silent for long: the default `timeout` ends with the headers. Give one yourself, and silence longer than that is a
 * lost connection.
 *
 * @throws TypeError or RangeError for a bad option
 *
 * @example
 * ```ts
 * import { RetryClient, serverSentEvents } from 'rxjs-retry-client';
 *
 * const client = new RetryClient({ headers: { authorization: 'Bearer …' } });
 *
 * client
 *   .get('https://api.example.com/prices', {
 *     selector: serverSentEvents(),
 *     timeout: 60_000,
 *     strategy: { attempts: 10, resetOnSuccess: true },
 *   })
 *   .subscribe(({ type, data }) => {
 *     console.log(type, data);
 *   });
 * ```
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html | HTML, server-sent events}
 */
export function serverSentEvents(options: ServerSentEventsOptions = {}): ResumableOnDemandSelector<ServerSentEvent> {
  checkNames(options, 'maxLength', 'maxRetry');
  const maxLength = checkNumber('maxLength', options.maxLength ?? Infinity, 1, true);
  const maxRetry = checkNumber('maxRetry', options.maxRetry ?? 60_000, 0, true);
  return { patient: true, open: () => new EventReading(maxLength, maxRetry) };
}
