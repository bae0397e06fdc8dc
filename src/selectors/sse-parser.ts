/** An event of a stream of server-sent events. */
export interface ServerSentEvent {
  /** The `event` field; `message` if the event has none. */
  readonly type: string;
  /** The `data` fields, joined by line feeds. */
  readonly data: string;
  /** The last id that the server has sent, with this event or an earlier one; empty if it has sent none. */
  readonly lastEventId: string;
}

/**
 * The longest id, in bytes. Servers reject requests with long headers, so that with a longer id no reconnect would
 * succeed.
 */
const MAX_ID_BYTES = 4_096;

/**
 * Whether an id can be sent in a header. HTML forbids NULL, and platforms refuse to send other control characters too.
 */
function isSendable(id: string): boolean {
  return !/[\0-\x08\x0a-\x1f\x7f]/.test(id) && new TextEncoder().encode(id).byteLength <= MAX_ID_BYTES;
}

/**
 * Parses the text of one response's event stream, which may arrive in chunks of any size. Each attempt creates its own
 * parser.
 *
 * The fragments of an unfinished line are kept apart: joining them for each chunk would take quadratic time.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream | HTML, parsing an event stream}
 */
export class ServerSentEventParser {
  readonly #maxLength: number;
  readonly #toLengthError: () => Error;
  /** Whether a comment has arrived. Servers send comments to keep the connection alive. */
  hasComment = false;
  /** The id of the last complete event, with or without data. */
  lastEventId: string;
  /** The delay before the next connect, in ms, if the server has sent one. */
  retry: number | undefined;
  #id: string;
  #type = '';
  #data: string[] = [];
  #line: string[] = [];
  /** The number of characters in the data and the unfinished line. */
  #length = 0;
  /** Whether the previous chunk ended with a CR. An LF at the start of the next one then belongs to it. */
  #endedWithCr = false;

  /** @param toLengthError - creates the error for an event longer than `maxLength` characters */
  constructor(maxLength: number, lastEventId: string, toLengthError: () => Error) {
    this.#maxLength = maxLength;
    this.#id = this.lastEventId = lastEventId;
    this.#toLengthError = toLengthError;
  }

  /** Returns the events that a chunk of text completes. */
  *parse(text: string): Generator<ServerSentEvent> {
    if (text === '') return;
    const lineEnds = /\r\n?|\n/g;
    let start = this.#endedWithCr && text.startsWith('\n') ? 1 : 0;
    lineEnds.lastIndex = start;
    for (let end = lineEnds.exec(text); end; end = lineEnds.exec(text)) {
      this.#appendToLine(text.slice(start, end.index));
      const line = this.#line.join('');
      this.#line = [];
      start = lineEnds.lastIndex;
      if (line === '') yield* this.#dispatch();
      else this.#readLine(line);
    }
    this.#endedWithCr = text.endsWith('\r');
    this.#appendToLine(text.slice(start));
  }

  #appendToLine(text: string): void {
    if (text === '') return;
    this.#line.push(text);
    this.#length += text.length;
    if (this.#length > this.#maxLength) throw this.#toLengthError();
  }

  *#dispatch(): Generator<ServerSentEvent> {
    // An id counts even without data, that is without an event.
    this.lastEventId = this.#id;
    const [type, data] = [this.#type, this.#data];
    this.#type = '';
    this.#data = [];
    this.#length = 0;
    if (data.length > 0) {
      yield { type: type === '' ? 'message' : type, data: data.join('\n'), lastEventId: this.lastEventId };
    }
  }

  /** Reads a line: a field, or a comment, which is a field without a name. */
  #readLine(line: string): void {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (name === 'data') {
      this.#data.push(value);
      return;
    }
    this.#length -= line.length;
    if (colon === 0) this.hasComment = true;
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && isSendable(value)) this.#id = value;
    else if (name === 'retry' && /^\d{1,15}$/.test(value)) this.retry = Number(value);
  }
}
