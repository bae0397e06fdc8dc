/** An event that a server sent. */
export interface ServerSentEvent {
  /** `message` where the server gives it no other. */
  readonly type: string;
  readonly data: string;
  /** The last id that the server gave to an event, this one or one before; empty where it gave none. */
  readonly lastEventId: string;
}

/** The longest id, in bytes: servers refuse a request with too long a header, and then no stream would come ever again. */
const MAX_ID_BYTES = 4_096;

/** Whether an id can be sent back as a header: HTML says so of NULL, and platforms refuse to send other control characters too. */
function isSendable(id: string): boolean {
  return !/[\0-\x08\x0a-\x1f\x7f]/.test(id) && new TextEncoder().encode(id).byteLength <= MAX_ID_BYTES;
}

/**
 * Reads the text of an event stream, however it is cut. What a line has so far is kept in pieces: joining it anew each time would be
 * quadratic.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream | HTML, parsing an event stream}
 */
export class ServerSentEventParser {
  readonly #maxLength: number;
  readonly #tooLong: () => Error;
  /** Whether a comment has come, which servers send to keep the connection. */
  hasComment = false;
  /** The last id that was given with an event, whether that had data or not. */
  lastEventId: string;
  /** How long to wait before connecting again, in ms, where the server has said it. */
  retry: number | undefined;
  #id: string;
  #type = '';
  #data: string[] = [];
  #line: string[] = [];
  /** How many characters data and line hold. */
  #length = 0;
  /** Whether the text before ended in a CR, which an LF may belong to. */
  #afterReturn = false;

  /** @param tooLong - makes the error for an event that is longer than `maxLength` */
  constructor(maxLength: number, lastEventId: string, tooLong: () => Error) {
    this.#maxLength = maxLength;
    this.#id = this.lastEventId = lastEventId;
    this.#tooLong = tooLong;
  }

  /** The events that a piece of text ends. */
  *read(text: string): Generator<ServerSentEvent> {
    if (text === '') return;
    const ends = /\r\n?|\n/g;
    let start = this.#afterReturn && text.startsWith('\n') ? 1 : 0;
    ends.lastIndex = start;
    for (let end = ends.exec(text); end; end = ends.exec(text)) {
      this.#appendToLine(text.slice(start, end.index));
      const line = this.#line.join('');
      this.#line = [];
      start = ends.lastIndex;
      if (line === '') yield* this.#dispatch();
      else this.#readLine(line);
    }
    this.#afterReturn = text.endsWith('\r');
    this.#appendToLine(text.slice(start));
  }

  #appendToLine(piece: string): void {
    if (piece === '') return;
    this.#line.push(piece);
    this.#length += piece.length;
    if (this.#length > this.#maxLength) throw this.#tooLong();
  }

  *#dispatch(): Generator<ServerSentEvent> {
    // An id counts also where there is no data, and so no event.
    this.lastEventId = this.#id;
    const [type, data] = [this.#type, this.#data];
    this.#type = '';
    this.#data = [];
    this.#length = 0;
    if (data.length > 0) {
      yield { type: type === '' ? 'message' : type, data: data.join('\n'), lastEventId: this.lastEventId };
    }
  }

  /** A line is a field, or a comment, which is a field without a name. */
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
