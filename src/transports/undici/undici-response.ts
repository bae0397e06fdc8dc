import type { Chunks, ChunkReadable } from '../../http/direct-response.js';
import { bodyResponse, inheritResponse, consumedResponse } from '../../http/response-view.js';
import { type RawHeaders, toHeaders } from '../raw-headers.js';
import type { IncomingBody } from './incoming-body.js';

type Bytes = Uint8Array<ArrayBuffer>;

function toText(bytes: Buffer): string {
  const hasByteOrderMark = bytes.length > 2 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', hasByteOrderMark ? 3 : 0);
}

function toJson(bytes: Buffer): unknown {
  return JSON.parse(toText(bytes));
}

/** Copies the bytes: a chunk of a socket is a view of a larger buffer. */
function toBytes(bytes: Buffer): Bytes {
  return new Uint8Array(bytes);
}

function toArrayBuffer(bytes: Buffer): ArrayBuffer {
  return toBytes(bytes).buffer;
}

/**
 * The Response to a request sent through undici. Headers and streams are created on demand. A whole read converts the
 * connection's chunks directly.
 *
 * Its body is unread, read whole, or opened as a stream; then all reads go to a platform Response around that stream.
 * `UndiciDispatch` creates the response, and its consumer owns it.
 *
 * It does not extend `ResponseView`, which would cost each response an object for the head and a closure for the body.
 */
export class UndiciResponse implements Response, ChunkReadable {
  static #inherits = false;
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly type: ResponseType = 'basic';
  redirected = false;
  readonly #rawHeaders: RawHeaders;
  #headers: Headers | undefined;
  readonly #incomingBody: IncomingBody | undefined;
  #isRead = false;
  #platformResponse: Response | undefined;

  constructor(
    status: number,
    statusText: string,
    url: string,
    rawHeaders: RawHeaders,
    incomingBody: IncomingBody | undefined,
  ) {
    UndiciResponse.#inherits ||= inheritResponse(UndiciResponse.prototype);
    this.status = status;
    this.statusText = statusText;
    this.url = url;
    this.#rawHeaders = rawHeaders;
    this.#incomingBody = incomingBody;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }
  get headers(): Headers {
    return (this.#headers ??= toHeaders(this.#rawHeaders));
  }
  get body(): ReadableStream<Bytes> | null {
    return this.#openedResponse.body;
  }
  get bodyUsed(): boolean {
    return this.#platformResponse?.bodyUsed ?? this.#isRead;
  }

  json(): Promise<unknown> {
    return this.#platformResponse ? this.#platformResponse.json() : this.#read(toJson);
  }
  text(): Promise<string> {
    return this.#platformResponse ? this.#platformResponse.text() : this.#read(toText);
  }
  bytes(): Promise<Bytes> {
    return this.#platformResponse
      ? this.#platformResponse.arrayBuffer().then((buffer) => new Uint8Array(buffer))
      : this.#read(toBytes);
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#platformResponse ? this.#platformResponse.arrayBuffer() : this.#read(toArrayBuffer);
  }
  async blob(): Promise<Blob> {
    const type = this.headers.get('content-type');
    return new Blob([await this.arrayBuffer()], type === null ? {} : { type });
  }
  async formData(): Promise<FormData> {
    return this.#openedResponse.formData();
  }
  clone(): Response {
    const copy = new UndiciResponse(this.status, this.statusText, this.url, this.#rawHeaders, undefined);
    copy.redirected = this.redirected;
    copy.#platformResponse = this.#openedResponse.clone();
    return copy;
  }

  readChunks(activityListener: { touch(): void } | undefined): Promise<Chunks> | undefined {
    if (!this.#incomingBody || this.#platformResponse || this.#isRead) return undefined;
    this.#incomingBody.activityListener = activityListener;
    return this.#read((bytes) => [bytes]);
  }

  /** Discards a body that will not be read. */
  discard(): void {
    this.#incomingBody?.discard(undefined);
  }

  #read<T>(convert: (bytes: Buffer) => T): Promise<T> {
    if (this.#isRead) return Promise.reject(new TypeError('the body has been read already'));
    const incomingBody = this.#incomingBody;
    if (!incomingBody) {
      return new Promise((resolve) => {
        resolve(convert(Buffer.alloc(0)));
      });
    }
    this.#isRead = true;
    return incomingBody.readAll(convert);
  }

  get #openedResponse(): Response {
    if (this.#platformResponse) return this.#platformResponse;
    return (this.#platformResponse = this.#isRead
      ? consumedResponse()
      : bodyResponse(this.#incomingBody?.openStream() ?? null, this.headers));
  }
}
