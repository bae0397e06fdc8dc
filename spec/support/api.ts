import { type LoggedRequest, scriptPath, type Step } from './script.js';

/** The test server as a spec sees it, in Node and in browsers alike. */
export interface TestServer {
  /** The origin of {@link url}; in a browser the page's own. */
  readonly origin: string;
  /** A second origin, of another port: for failover. In a browser it allows every page and exposes Retry-After, Date, ETag and Content-Range. */
  readonly otherOrigin: string;
  /** A URL whose port refuses connections. */
  readonly refusedUrl: string;
  /**
   * A URL whose n-th request gets the n-th step, the last step repeating. Path segments and a query may be appended to it. (Browsers make
   * a GET wait for an equal one that is not answered yet: GETs at the same time need a query each.)
   *
   * @param key - names the URL's requests to `requests`, `received` and `ended`; a name serves for one URL
   */
  url(key: string, steps: Step | readonly Step[]): string;
  /** The same at {@link otherOrigin}. */
  otherUrl(key: string, steps: Step | readonly Step[]): string;
  /** The requests that came to the key's URL until now, in their order. */
  requests(key: string): Promise<readonly LoggedRequest[]>;
  /** Resolves when the key's n-th request (the first, if not told) has come with its headers. */
  received(key: string, number?: number): Promise<LoggedRequest>;
  /** Resolves when the key's n-th request (the first, if not told) is over: answered, cut, or aborted by the client. */
  ended(key: string, number?: number): Promise<LoggedRequest>;
  /** Cuts the connection of the key's n-th request (the first, if not told), whatever it is at; resolves when that is done. */
  cut(key: string, number?: number): Promise<void>;
  /** Ends every connection, then the server. */
  close(): Promise<void>;
}

/** Where the servers are. */
export type Origins = Pick<TestServer, 'origin' | 'otherOrigin' | 'refusedUrl'>;

/** How the log is reached. */
export type LogAccess = Pick<TestServer, 'requests' | 'close'> & {
  cut(key: string, number: number): Promise<void>;
  when(key: string, number: number, stage: 'received' | 'ended'): Promise<LoggedRequest>;
};

let servers = 0;

/** Makes a {@link TestServer} with keys of its own: several of them may share one log. */
export function createApi(origins: Origins, log: LogAccess): TestServer {
  const prefix = `${String(++servers)}-${Math.random().toString(36).slice(2)}-`;
  const known = new Set<string>();

  const makeUrl = (origin: string, key: string, steps: Step | readonly Step[]) => {
    if (known.has(key)) {
      throw new Error(`The key "${key}" has its URL already: keep it in a variable, or choose another key.`);
    }
    known.add(key);
    return origin + scriptPath({ key: prefix + key, steps: [steps].flat() });
  };
  const inLog = (key: string) => {
    if (!known.has(key)) throw new Error(`No URL was made for the key "${key}".`);
    return prefix + key;
  };

  return {
    ...origins,
    url: (key, steps) => makeUrl(origins.origin, key, steps),
    otherUrl: (key, steps) => makeUrl(origins.otherOrigin, key, steps),
    requests: async (key) => log.requests(inLog(key)),
    received: async (key, number = 1) => log.when(inLog(key), number, 'received'),
    ended: async (key, number = 1) => log.when(inLog(key), number, 'ended'),
    cut: async (key, number = 1) => log.cut(inLog(key), number),
    close: () => log.close(),
  };
}
