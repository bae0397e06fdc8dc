import type { HttpAttempt } from '../attempt.js';
import { checkNumber, checkOptions } from '../check.js';
import { HttpNetworkError } from '../errors/http-network-error.js';
import type { AttemptRequest } from '../interceptor.js';
import { chunks } from './chunks.js';
import { EventStream, type ServerSentEvent } from './event-stream.js';
import type { PulledReading, ResumablePulledSelector } from './selector.js';

/** What {@link serverSentEvents} takes. */
export interface ServerSentEventsOptions {
  /** The longest event that is read, in characters; a longer one is a `RangeError`. It bounds the memory. @default Infinity */
  readonly maxLength?: number | undefined;
}

/** The longest wait between attempts that do not come to a stream, unless the server asked for a longer one, in ms. */
const MAX_WAIT = 30_000;

/** A header's characters are bytes: those of UTF-8, as browsers send an id. */
function asHeader(id: string): string {
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join('');
}

class EventReading implements PulledReading<ServerSentEvent> {
  readonly #maxLength: number;
  #lastEventId = '';
  #retry: number | undefined;
  /** How many attempts in a row have not come to a stream. */
  #missed = 0;

  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  prepare(request: AttemptRequest): AttemptRequest {
    this.#missed += 1;
    const headers = new Headers(request.headers);
    if (!headers.has('accept')) headers.set('accept', 'text/event-stream');
    if (this.#lastEventId !== '') headers.set('last-event-id', asHeader(this.#lastEventId));
    return { ...request, headers, init: { cache: 'no-store', ...request.init } };
  }

  async *select(response: Response, attempt: HttpAttempt): AsyncGenerator<ServerSentEvent> {
    // The server's word for: no more, and do not come back.
    if (response.status === 204) return;
    const type = response.headers.get('content-type') ?? 'of no type';
    if (response.status !== 200 || type.split(';', 1)[0]?.trim().toLowerCase() !== 'text/event-stream') {
      throw new HttpNetworkError({ attempt, summary: `no event stream came, but ${String(response.status)} ${type}`, phase: 'headers', permanent: true });
    }
    this.#missed = 0;
    const decoder = new TextDecoder();
    const stream = new EventStream(this.#maxLength, this.#lastEventId, this.#retry);
    for await (const chunk of chunks()(response, attempt)) {
      for (const event of stream.read(decoder.decode(chunk, { stream: true }))) {
        this.#lastEventId = stream.lastEventId;
        yield event;
      }
      this.#lastEventId = stream.lastEventId;
      this.#retry = stream.retry;
    }
    throw new HttpNetworkError({ attempt, summary: 'the event stream ended', phase: 'body' });
  }

  delay(): number | undefined {
    if (this.#retry === undefined || this.#missed === 0) return this.#retry;
    // HTML lets a client wait longer where no connection can be made, and nobody is helped by one that knocks without a pause.
    return Math.max(this.#retry, Math.min(MAX_WAIT, Math.max(this.#retry, 100) * 2 ** this.#missed));
  }
}

/**
 * Reads a response's body as server-sent events, as `EventSource` does, and connects again when the stream is lost: with `Last-Event-ID`,
 * after the time that the server's `retry` field says (else the backoff), as often as the strategy says. Unlike `EventSource` it can send
 * headers, and be a POST.
 *
 * A stream that ends is a lost connection: complete it yourself, by `takeWhile` or by unsubscribing. An answer of 204 completes it. One
 * that is no event stream is an {@link HttpNetworkError} that is `permanent`. With `resetOnSuccess` each event starts the count of attempts
 * over, so it lives on however flaky the network is.
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
export function serverSentEvents(options: ServerSentEventsOptions = {}): ResumablePulledSelector<ServerSentEvent> {
  checkOptions('options', options);
  const maxLength = checkNumber('maxLength', options.maxLength ?? Infinity, 1, true);
  return { patient: true, open: () => new EventReading(maxLength) };
}
