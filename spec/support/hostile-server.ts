import { Listener, type HostileConnection, type HostileRequest } from './hostile/listener.js';
import { type Scenario, scenarios, type ScenarioName as ListeningScenario } from './hostile/scenarios.js';
import { closedPort } from './node-server.js';

export { DRIBBLE_INTERVAL_MS as DRIBBLE_GAP, FULL_BODY as WHOLE } from './hostile/full-body.js';
export type { HostileConnection, HostileRequest } from './hostile/listener.js';

/** The name of a scenario; `refused` is a port without a server. */
export type ScenarioName = ListeningScenario | 'refused';

/** Options of a port or URL. */
export interface HostileOptions {
  /**
   * The number of requests that get the fault; later ones succeed. For scenarios that act before a request is read, the
   * number of connections.
   *
   * @default Infinity
   */
  readonly faults?: number;
}

/** A scenario on a port of its own. */
export interface HostilePort {
  readonly url: string;
  /** All requests to this port until now, redirects to the same port included. */
  readonly requests: readonly HostileRequest[];
  readonly connections: readonly HostileConnection[];
  /** Resolves when this number of requests (by default 1) has arrived. */
  received(count?: number): Promise<void>;
  /** Resolves when all open connections are idle after a complete answer. */
  quiet(): Promise<void>;
  /** Closes every connection and the port. */
  close(): Promise<void>;
}

/**
 * A server of raw sockets that misbehaves in every known way. The path of a URL names the scenario. The server counts
 * requests by the key in the URL's query, and tracks every connection until it is closed.
 *
 * Most specs use {@link HostileServer.openPort}, a port for one request and its retries, so that all its connections
 * belong to that request. For large numbers of requests, one common port serves all scenarios: {@link
 * HostileServer.url}.
 */
export interface HostileServer {
  /** A URL whose port refuses connections. */
  readonly refusedUrl: string;
  /** Opens a port for one scenario. */
  openPort(scenario: ScenarioName, options?: HostileOptions): Promise<HostilePort>;
  /**
   * Returns a URL at the common port.
   *
   * @param key - the key by which the requests are counted
   * @throws Error if the scenario acts before a request is read, or uses TLS: it then needs a port of its own
   */
  url(scenario: ListeningScenario, key: string, options?: HostileOptions): string;
  /** Returns the requests of one key at the common port. */
  requests(key: string): readonly HostileRequest[];
  /** Discards the requests of one key at the common port, so that large numbers of requests do not fill the memory. */
  forget(key: string): void;
  /** The connections to the common port. */
  readonly connections: readonly HostileConnection[];
  /** Resolves when all open connections to the common port are idle after a complete answer. */
  quiet(): Promise<void>;
  /** Closes every connection and every port. */
  close(): Promise<void>;
}

/** Starts the hostile server. */
export async function hostileServer(): Promise<HostileServer> {
  const refusedUrl = await closedPort();
  const common = await Listener.open(refusedUrl);
  const listeners = new Set([common]);
  const quiet = (listener: Listener): Promise<void> =>
    listener.when(() => !listener.connections.some(({ busy }) => busy));

  return {
    refusedUrl,
    openPort: async (name, { faults = Infinity } = {}) => {
      if (name === 'refused') return refusedPort(refusedUrl);
      const listener = await Listener.open(refusedUrl, scenarios[name], faults);
      listeners.add(listener);
      return {
        url: listener.origin + pathOf(name, '', faults),
        requests: listener.requests,
        connections: listener.connections,
        received: (count = 1) => listener.when(() => listener.requests.length >= count),
        quiet: () => quiet(listener),
        close: async () => {
          listeners.delete(listener);
          await listener.close();
        },
      };
    },
    url: (name, key, { faults = Infinity } = {}) => {
      const { accept, speaks }: Scenario = scenarios[name];
      if (accept || speaks) {
        throw new Error(`the scenario "${name}" acts before a request is read, so it needs a port of its own`);
      }
      return common.origin + pathOf(name, key, faults);
    },
    requests: (key) => common.requestsOf(key),
    forget: (key) => {
      common.forget(key);
    },
    connections: common.connections,
    quiet: () => quiet(common),
    close: async () => {
      await Promise.all([...listeners].map((listener) => listener.close()));
    },
  };
}

/** A port without a server. */
function refusedPort(url: string): HostilePort {
  const resolved = (): Promise<void> => Promise.resolve();
  return { url, requests: [], connections: [], received: resolved, quiet: resolved, close: resolved };
}

/** Returns the path and query of a scenario, at any port. */
export function pathOf(name: ListeningScenario, key: string, faults: number): string {
  return `/${name}?key=${encodeURIComponent(key)}${faults === Infinity ? '' : `&faults=${String(faults)}`}`;
}
