import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpParseError } from '../errors/http-parse-error.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { now } from '../util/clock.js';
import { checkNumber } from '../util/option-rule.js';
import { chunks } from './chunks.js';
import { checkKnownOptions } from './known-options.js';
import { mediaType } from './representation.js';
import type { PulledReading, ResumableOnDemandSelector } from './selector.js';
import { ServerSentEventParser, type ServerSentEvent } from './sse-parser.js';
import { Utf8Decoder } from './utf8-decoder.js';

/** The options of {@link serverSentEvents}. */
export interface ServerSentEventsOptions {
  /**
   * The longest event that is read, in characters. A longer one is an {@link HttpParseError} with this `limit`. It
   * bounds the memory.
   *
   * @default Infinity
   */
  readonly maxLength?: number | undefined;
  /**
   * The longest delay that the server's `retry` field can set, in ms. A longer one is reduced to it; 0 ignores the
   * field.
   *
   * @default 60_000
   */
  readonly maxRetry?: number | undefined;
}

/**
 * The shortest delay that the server's `retry` field can set, in ms. With `retry: 0` the client would reconnect in a
 * tight loop.
 */
const MIN_RETRY_MS = 200;
/** The longest delay between attempts without progress, in ms, unless the server sets a longer one. */
const MAX_BACKOFF_MS = 30_000;
/**
 * The age in ms from which a connection without events counts as progress. Proxies cut idle ones, most of them after
 * 30 s or more.
 */
const STABLE_CONNECTION_MS = 10_000;

/** Encodes an id as browsers send it: each character of a header is one byte, here of UTF-8. */
function toHeaderValue(id: string): string {
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join('');
}

/**
 * Reads the event stream of one subscription over all its attempts. Each subscription opens its own reader; it holds no
 * resource to close.
 *
 * An attempt starts with `prepare()`. It has made progress if it brought an event or a comment, or lasted for long;
 * otherwise it counts as a failed connect, and the next delay is longer.
 */
class ServerSentEventReader implements PulledReading<ServerSentEvent> {
  readonly #maxLength: number;
  readonly #maxRetry: number;
  #lastEventId = '';
  #retry: number | undefined;
  /** The number of attempts in a row without progress, the current one included. */
  #failedConnects = 0;
  /** Whether the current attempt has made progress. */
  #hasProgress = false;
  /** `number` of the current attempt. */
  #attemptNumber = 0;
  /**
   * How many requests were prepared. Code of an earlier attempt, which may still receive data, compares it and stops.
   */
  #requestIndex = 0;

  constructor(maxLength: number, maxRetry: number) {
    this.#maxLength = maxLength;
    this.#maxRetry = maxRetry;
  }

  prepare(request: AttemptRequest): AttemptRequest {
    this.#requestIndex += 1;
    if (this.#hasProgress) this.#failedConnects = 1;
    // An attempt that is hedged has a request for each sending.
    else if (request.attempt.number !== this.#attemptNumber) this.#failedConnects += 1;
    this.#attemptNumber = request.attempt.number;
    this.#hasProgress = false;
    const headers = new Headers(request.headers);
    if (!headers.has('accept')) headers.set('accept', 'text/event-stream');
    if (this.#lastEventId !== '') headers.set('last-event-id', toHeaderValue(this.#lastEventId));
    return { ...request, headers, init: { cache: 'no-store', ...request.init } };
  }

  async *select(response: Response, attempt: HttpAttempt): AsyncGenerator<ServerSentEvent> {
    // With 204 a server tells the client not to reconnect.
    if (response.status === 204) return;
    if (response.status !== 200 || mediaType(response.headers) !== 'text/event-stream') {
      throw new HttpParseError({ attempt, response, summary: 'the response is not an event stream' });
    }
    const limit = this.#maxLength;
    const decoder = new Utf8Decoder();
    const parser = new ServerSentEventParser(limit, this.#lastEventId, () => {
      const summary = `an event of the stream is longer than maxLength, which is ${limit} characters`;
      return new HttpParseError({ attempt, response, limit, summary });
    });
    const requestIndex = this.#requestIndex;
    const openedAt = now();
    try {
      for await (const chunk of chunks()(response, attempt)) {
        if (requestIndex !== this.#requestIndex) return;
        for (const event of parser.parse(decoder.decode(chunk))) {
          this.#setRetry(parser.retry);
          yield event;
          // Only after the yield, when the event has been judged: an event that is retried must come again, so its id
          // must not be sent.
          this.#lastEventId = event.lastEventId;
          this.#hasProgress = true;
        }
        this.#setRetry(parser.retry);
        this.#lastEventId = parser.lastEventId;
        this.#hasProgress ||= parser.hasComment;
      }
    } finally {
      this.#hasProgress ||= requestIndex === this.#requestIndex && now() - openedAt >= STABLE_CONNECTION_MS;
    }
    throw new HttpNetworkError({ attempt, summary: 'the event stream ended', phase: 'body' });
  }

  #setRetry(retry: number | undefined): void {
    if (retry === undefined || this.#maxRetry === 0) return;
    this.#retry = Math.min(Math.max(retry, MIN_RETRY_MS), this.#maxRetry);
  }

  madeProgress(): boolean {
    return this.#hasProgress;
  }

  delay(): number | undefined {
    const retry = this.#retry;
    // HTML allows longer delays while no connection can be made. A connection without progress is treated like that.
    return (
      retry && Math.max(retry, Math.min(MAX_BACKOFF_MS, retry * 2 ** (this.#hasProgress ? 0 : this.#failedConnects)))
    );
  }
}

/**
 * Reads a response's body as server-sent events, as `EventSource` does, and reconnects after the stream is lost. It
 * sends `Last-Event-ID`, waits for the server's `retry` field (or the backoff without one), and reconnects as often as
 * the strategy allows. Unlike with `EventSource`, the request can have headers, and be a POST.
 *
 * A stream that ends is a lost connection: complete it with `takeWhile`, or unsubscribe. A response of status 204
 * completes it. A response that is not an event stream is an {@link HttpParseError}.
 *
 * With `resetOnSuccess` each event resets the count of attempts, so the stream survives any number of failures. A
 * connection that brought a comment, or lasted for 10,000 ms, resets it too.
 *
 * An id that cannot be sent in a header, with control characters or of more than 4,096 bytes, is ignored, and the
 * previous id stays. HTML requires the same for an id with NULL.
 *
 * An event stream may be idle for long, so the default `timeout` applies until the headers only. If you set `timeout`,
 * an idle time longer than it is a lost connection.
 *
 * @throws TypeError or RangeError for a bad option
 *
 * @example
 * ```ts
 * import { RetryClient, serverSentEvents } from 'rxjs-retry-client';
 *
 * declare const token: string;
 *
 * const client = new RetryClient({ headers: { authorization: `Bearer ${token}` } });
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
  checkKnownOptions(options, 'maxLength', 'maxRetry');
  const maxLength = checkNumber('maxLength', options.maxLength ?? Infinity, 1, true);
  const maxRetry = checkNumber('maxRetry', options.maxRetry ?? 60_000, 0, true);
  return { allowsIdle: true, open: () => new ServerSentEventReader(maxLength, maxRetry) };
}
