/** The part of Headers that a client reads. */
class SimulatedHeaders {
  readonly #values: Readonly<Record<string, string>>;

  constructor(values: Readonly<Record<string, string>>) {
    this.#values = values;
  }

  get(name: string): string | null {
    return this.#values[name.toLowerCase()] ?? null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }
}

/**
 * A response without a body, with as much of `Response` as a client, a strategy and gates read. A platform's own takes
 * longer to make than all the rest of a simulated request.
 */
class SimulatedResponse {
  readonly status: number;
  readonly headers: SimulatedHeaders;
  readonly url: string;
  readonly body: null = null;
  readonly bodyUsed: boolean = false;
  readonly redirected: boolean = false;
  readonly statusText: string = '';
  readonly type: ResponseType = 'default';

  constructor(url: string, status: number, headers: Readonly<Record<string, string>>) {
    this.url = url;
    this.status = status;
    this.headers = new SimulatedHeaders(headers);
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  clone(): this {
    return this;
  }

  /** Nothing is read in a simulation; a client looks for this method. */
  arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(new ArrayBuffer(0));
  }
}

const NO_HEADERS = {};

/** @param headers - by their names in any case */
export function simulatedResponse(url: string, status: number, headers?: Readonly<Record<string, string>>): Response {
  const lowerCased =
    headers && Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return new SimulatedResponse(url, status, lowerCased ?? NO_HEADERS) as unknown as Response;
}
