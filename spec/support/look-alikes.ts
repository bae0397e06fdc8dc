/** Classes with the shapes of other libraries, so that the operator's specs need none of these libraries. */

/** Headers like Angular's: `get` ignores case, and returns null for a missing header. */
class Headers {
  readonly #map: ReadonlyMap<string, string>;

  constructor(init: Readonly<Record<string, string>>) {
    this.#map = new Map(Object.entries(init).map(([name, value]) => [name.toLowerCase(), value]));
  }

  get(name: string): string | null {
    return this.#map.get(name.toLowerCase()) ?? null;
  }
}

/** Angular's error for a status that is not 2xx. Its status is 0 if no answer came, and it is not an `Error`. */
export class HttpErrorResponse {
  readonly name = 'HttpErrorResponse';
  readonly ok = false;
  readonly headers: Headers;
  readonly message: string;

  constructor(
    readonly status: number,
    headers: Readonly<Record<string, string>> = {},
    readonly error: unknown = null,
  ) {
    this.headers = new Headers(headers);
    this.message = `Http failure response: ${String(status)}`;
  }
}

/** Angular's value with `observe: 'response'`. */
export class HttpResponse<T> {
  readonly type = 4;
  readonly headers: Headers;

  constructor(
    readonly body: T,
    readonly status: number,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.headers = new Headers(headers);
  }
}

/** Angular's value with `observe: 'events'` when only the headers have arrived. It has no `body`. */
export class HttpHeaderResponse {
  readonly type = 2;
  readonly headers: Headers;

  constructor(
    readonly status: number,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.headers = new Headers(headers);
  }
}

/** ky's error, with the Response in a property. */
export class HTTPError extends Error {
  override readonly name = 'HTTPError';

  constructor(readonly response: Response) {
    super(`Request failed with status code ${String(response.status)}`);
  }
}

/** Creates a Response of fetch. */
export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | null = null,
): Response {
  return new Response(body, { status, headers: { ...headers } });
}
