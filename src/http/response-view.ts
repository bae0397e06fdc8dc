/** The part of a response that is known before its body is read. */
export type ResponseHead = Pick<Response, 'status' | 'statusText' | 'headers' | 'url' | 'redirected' | 'type'>;

/** A response's body; `null` if it has none. */
export type Body = ReadableStream<Uint8Array<ArrayBuffer>> | null;

/**
 * A Response with a given head, whose body is opened when it is first read. `new Response` cannot replace it: that
 * refuses some statuses, and has no `url`, `redirected` and `type`.
 *
 * It is an `instanceof Response`. A platform Response, created on demand, provides the body. Its body is unopened or
 * opened; the code that received the response creates it.
 */
export class ResponseView implements Response {
  static #inheritsResponse = false;
  readonly #head: ResponseHead;
  readonly #open: () => Response;
  #opened: Response | undefined;

  /**
   * @param head - everything except the body
   * @param open - returns a response with that body; called at most once
   */
  constructor(head: ResponseHead, open: () => Response) {
    ResponseView.#inheritsResponse ||= inheritResponse(ResponseView.prototype);
    this.#head = head;
    this.#open = open;
  }

  get status(): number {
    return this.#head.status;
  }
  get statusText(): string {
    return this.#head.statusText;
  }
  get headers(): Headers {
    return this.#head.headers;
  }
  get url(): string {
    return this.#head.url;
  }
  get redirected(): boolean {
    return this.#head.redirected;
  }
  get type(): Response['type'] {
    return this.#head.type;
  }
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get body(): Body {
    return this.#platformResponse.body;
  }
  get bodyUsed(): boolean {
    return this.#opened?.bodyUsed ?? false;
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#platformResponse.arrayBuffer();
  }
  async blob(): Promise<Blob> {
    return this.#platformResponse.blob();
  }
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#platformResponse.arrayBuffer());
  }
  formData(): Promise<FormData> {
    return this.#platformResponse.formData();
  }
  json(): Promise<unknown> {
    return this.#platformResponse.json();
  }
  text(): Promise<string> {
    return this.#platformResponse.text();
  }
  clone(): Response {
    const copy = this.#platformResponse.clone();
    return new ResponseView(this.#head, () => copy);
  }

  get #platformResponse(): Response {
    return (this.#opened ??= this.#open());
  }
}

/**
 * Makes the instances of a class `instanceof Response`. It is called for the first instance, not at load: otherwise a
 * platform without Response (Jest's jsdom) could not import the package.
 *
 * @returns whether the platform has a Response
 */
export function inheritResponse(prototype: Response): boolean {
  if (typeof Response !== 'function') return false;
  Object.setPrototypeOf(prototype, Response.prototype);
  return true;
}

/** Creates a platform Response for a body alone; `blob()` and `formData()` take the content type from its headers. */
export function bodyResponse(body: Body, headers: Headers): Response {
  const type = headers.get('content-type');
  return new Response(body, type === null ? undefined : { headers: { 'content-type': type } });
}

/** Creates a Response whose body has been read, so that every further read fails. */
export function consumedResponse(): Response {
  const response = new Response('');
  void response.text();
  return response;
}
