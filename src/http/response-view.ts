/** What is known of a response before its body is read. */
export type ResponseHead = Pick<Response, 'status' | 'statusText' | 'headers' | 'url' | 'redirected' | 'type'>;

/** A response's body, or none. */
export type Body = ReadableStream<Uint8Array<ArrayBuffer>> | null;

/**
 * A Response whose head is one thing and whose body another, opened by the first who reads it: what `new Response` cannot give, since it
 * refuses some statuses and forgets `url`, `redirected` and `type`.
 *
 * It is an `instanceof Response`; whatever concerns the body is left to a real one, made on demand.
 */
export class ResponseView implements Response {
  static #inherits = false;
  readonly #head: ResponseHead;
  readonly #open: () => Response;
  #opened: Response | undefined;

  /**
   * @param head - everything but the body
   * @param open - gives a response with that body; called once, when somebody wants it
   */
  constructor(head: ResponseHead, open: () => Response) {
    ResponseView.#inherits ||= inheritResponse(ResponseView.prototype);
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
    return this.#real.body;
  }
  get bodyUsed(): boolean {
    return this.#opened?.bodyUsed ?? false;
  }
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#real.arrayBuffer();
  }
  async blob(): Promise<Blob> {
    return this.#real.blob();
  }
  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#real.arrayBuffer());
  }
  formData(): Promise<FormData> {
    return this.#real.formData();
  }
  json(): Promise<unknown> {
    return this.#real.json();
  }
  text(): Promise<string> {
    return this.#real.text();
  }
  clone(): Response {
    const copy = this.#real.clone();
    return new ResponseView(this.#head, () => copy);
  }

  get #real(): Response {
    return (this.#opened ??= this.#open());
  }
}

/**
 * Makes the instances of a class `instanceof Response`. Called for the first instance, not at load: a platform without Response (Jest's
 * jsdom) could not import the package otherwise.
 *
 * @returns whether the platform has a Response
 */
export function inheritResponse(prototype: Response): boolean {
  if (typeof Response !== 'function') return false;
  Object.setPrototypeOf(prototype, Response.prototype);
  return true;
}

/** A real Response for a body alone; its headers tell blob() and formData() the content type. */
export function bodyResponse(body: Body, headers: Headers): Response {
  const type = headers.get('content-type');
  return new Response(body, type === null ? undefined : { headers: { 'content-type': type } });
}

/** A Response that has been read. */
export function consumedResponse(): Response {
  const response = new Response('');
  void response.text();
  return response;
}
