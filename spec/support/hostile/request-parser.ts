/** The head of a request, as received. */
export interface RequestHead {
  readonly method: string;
  readonly target: string;
  /** The headers by their name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The callbacks of a {@link RequestParser}, called in the order of the bytes. */
export interface RequestHooks {
  readonly onHead: (head: RequestHead) => void;
  readonly onBody: (bytes: Buffer) => void;
  readonly onEnd: () => void;
}

type State =
  'head' | 'chunk-size' | 'chunk-end' | 'trailers' | { readonly left: number; readonly then: 'end' | 'chunk-end' };

const LINE_END = '\r\n';

/**
 * Parses the requests of one connection, whatever the sizes of the chunks. Node's own parser is not used, because it
 * answers malformed and unwanted requests itself, and takes over the socket.
 */
export class RequestParser {
  readonly #hooks: RequestHooks;
  #buffered = Buffer.alloc(0);
  #state: State = 'head';

  constructor(hooks: RequestHooks) {
    this.#hooks = hooks;
  }

  feed(bytes: Buffer): void {
    this.#buffered = Buffer.concat([this.#buffered, bytes]);
    while (this.#step());
  }

  /** Parses one element. Returns `false` if it needs more bytes. */
  #step(): boolean {
    if (typeof this.#state === 'object') return this.#data(this.#state);
    const text = this.#takeUntil(this.#state === 'head' ? LINE_END + LINE_END : LINE_END);
    if (text === undefined) return false;
    if (this.#state === 'head') this.#head(text);
    else if (this.#state === 'chunk-size') this.#chunk(Number.parseInt(text, 16));
    else if (this.#state === 'chunk-end') this.#state = 'chunk-size';
    else if (text === '') this.#end();
    return true;
  }

  #takeUntil(mark: string): string | undefined {
    const at = this.#buffered.indexOf(mark);
    if (at < 0) return undefined;
    const text = this.#buffered.toString('latin1', 0, at);
    this.#buffered = this.#buffered.subarray(at + mark.length);
    return text;
  }

  #head(text: string): void {
    const [first = '', ...fields] = text.split(LINE_END);
    const [method = '', target = ''] = first.split(' ');
    const headers = Object.fromEntries(
      fields.map((field) => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()] as const;
      }),
    );
    this.#hooks.onHead({ method, target, headers });
    if (headers['transfer-encoding']?.toLowerCase().endsWith('chunked')) this.#state = 'chunk-size';
    else this.#expect(Number(headers['content-length'] ?? 0), 'end');
  }

  #chunk(size: number): void {
    if (size === 0) this.#state = 'trailers';
    else this.#expect(size, 'chunk-end');
  }

  #expect(left: number, then: 'end' | 'chunk-end'): void {
    this.#state = { left, then };
    if (left === 0) this.#end();
  }

  #data({ left, then }: { readonly left: number; readonly then: 'end' | 'chunk-end' }): boolean {
    if (this.#buffered.length === 0) return false;
    const data = this.#buffered.subarray(0, left);
    this.#buffered = this.#buffered.subarray(data.length);
    this.#hooks.onBody(data);
    if (data.length < left) this.#state = { left: left - data.length, then };
    else if (then === 'end') this.#end();
    else this.#state = then;
    return true;
  }

  #end(): void {
    this.#state = 'head';
    this.#hooks.onEnd();
  }
}
