import { type LoggedRequest, scriptPath, type Step } from './script.js';

/** The test server as a spec uses it, with one interface for Node and browsers. */
export interface TestServer {
  /** The origin of {@link url}; in a browser, the origin of the page. */
  readonly origin: string;
  /**
   * A second origin, on another port, for failover. In a browser it allows every page, and exposes Retry-After, Date,
   * ETag and Content-Range.
   */
  readonly otherOrigin: string;
  /** A URL whose port refuses connections. */
  readonly refusedUrl: string;
  /**
   * Makes a URL whose n-th request gets the n-th step. The last step repeats. Path segments and a query may be appended
   * to it. A browser delays a GET until an earlier GET of the same URL is answered, so simultaneous GETs need different
   * queries.
   *
   * @param key - identifies the URL's requests in `requests`, `received`, `ended` and `cut`; each key is for one URL
   */
  url(key: string, steps: Step | readonly Step[]): string;
  /** Makes such a URL at {@link otherOrigin}. */
  otherUrl(key: string, steps: Step | readonly Step[]): string;
  /** Returns the requests that the key's URL has received until now, in order. */
  requests(key: string): Promise<readonly LoggedRequest[]>;
  /** Resolves when the headers of the key's n-th request (by default the first) have arrived. */
  received(key: string, number?: number): Promise<LoggedRequest>;
  /** Resolves when the key's n-th request (by default the first) has ended: answered, cut, or aborted by the client. */
  ended(key: string, number?: number): Promise<LoggedRequest>;
  /**
   * Cuts the connection of the key's n-th request (by default the first) in any state. Resolves when the request has
   * ended.
   */
  cut(key: string, number?: number): Promise<void>;
  /** Ends every connection, then the server. */
  close(): Promise<void>;
}

/** The addresses of the servers. */
export type Origins = Pick<TestServer, 'origin' | 'otherOrigin' | 'refusedUrl'>;

/** The access to the request log: directly in Node, by requests to Karma's process in a browser. */
export type LogAccess = Pick<TestServer, 'requests' | 'close'> & {
  cut(key: string, number: number): Promise<void>;
  when(key: string, number: number, stage: 'received' | 'ended'): Promise<LoggedRequest>;
};

let servers = 0;

/** Makes a {@link TestServer}. A prefix makes its keys unique, since several test servers may share one log. */
export function createTestServerApi(origins: Origins, log: LogAccess): TestServer {
  const prefix = `${String(++servers)}-${Math.random().toString(36).slice(2)}-`;
  const usedKeys = new Set<string>();

  const makeUrl = (origin: string, key: string, steps: Step | readonly Step[]) => {
    if (usedKeys.has(key)) {
      throw new Error(`the key "${key}" already has a URL: keep it in a variable, or choose another key`);
    }
    usedKeys.add(key);
    return origin + scriptPath({ key: prefix + key, steps: [steps].flat() });
  };
  const logKey = (key: string) => {
    if (!usedKeys.has(key)) throw new Error(`no URL was made for the key "${key}"`);
    return prefix + key;
  };

  return {
    ...origins,
    url: (key, steps) => makeUrl(origins.origin, key, steps),
    otherUrl: (key, steps) => makeUrl(origins.otherOrigin, key, steps),
    requests: async (key) => log.requests(logKey(key)),
    received: async (key, number = 1) => log.when(logKey(key), number, 'received'),
    ended: async (key, number = 1) => log.when(logKey(key), number, 'ended'),
    cut: async (key, number = 1) => log.cut(logKey(key), number),
    close: () => log.close(),
  };
}
