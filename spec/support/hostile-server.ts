import { Listener, type HostileConnection, type HostileRequest } from './hostile/listener.js';
import { type Scenario, scenarios, type ScenarioName as Listening } from './hostile/scenarios.js';
import { closedPort } from './node-server.js';

export { DRIBBLE_GAP, WHOLE } from './hostile/whole.js';
export type { HostileConnection, HostileRequest } from './hostile/listener.js';

/** What can go wrong. */
export type ScenarioName = Listening | 'refused';

/** What a place or URL may differ in. */
export interface HostileOptions {
  /** How many requests meet the fault (of those that act before a request is read: how many connections); later ones go well. */
  readonly faults?: number;
}

/** A scenario on a port of its own. */
export interface HostilePlace {
  readonly url: string;
  /** What has come to this port until now, redirects to the same port included. */
  readonly requests: readonly HostileRequest[];
  readonly connections: readonly HostileConnection[];
  /** Resolves when so many requests have come. */
  received(count?: number): Promise<void>;
  /** Resolves when no connection is open but those that rest after a whole answer. */
  quiet(): Promise<void>;
  /** Ends every connection, and listens no more. */
  close(): Promise<void>;
}

/**
 * A server of raw sockets that does everything a server should not do, by the name of the scenario in the URL's path. It counts requests
 * by the key in the URL's query, and follows every connection from its opening to its close.
 *
 * Most specs want a {@link HostileServer.place}: a port of its own for one request and its retries, so that every connection there is
 * theirs. For requests in large numbers there is one port that serves all scenarios: {@link HostileServer.url}.
 */
export interface HostileServer {
  /** A URL whose port refuses connections. */
  readonly refusedUrl: string;
  place(scenario: ScenarioName, options?: HostileOptions): Promise<HostilePlace>;
  /**
   * A URL at the common port.
   *
   * @param scenario - not one that acts before a request is read, or speaks TLS: such a one needs a place
   * @param key - counts the requests
   */
  url(scenario: Listening, key: string, options?: HostileOptions): string;
  /** The requests of one key at the common port. */
  requests(key: string): readonly HostileRequest[];
  /** Forgets the requests of one key at the common port, so that requests in large numbers leave nothing behind. */
  forget(key: string): void;
  /** The connections to the common port. */
  readonly connections: readonly HostileConnection[];
  /** Resolves when no connection to the common port is open but those that rest after a whole answer. */
  quiet(): Promise<void>;
  /** Ends every connection, places included. */
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
    place: async (name, { faults = Infinity } = {}) => {
      if (name === 'refused') return nowhere(refusedUrl);
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
        throw new Error(`"${name}" acts before it has read a request: it needs a place of its own.`);
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

/** A place without a server. */
function nowhere(url: string): HostilePlace {
  const nothing = (): Promise<void> => Promise.resolve();
  return { url, requests: [], connections: [], received: nothing, quiet: nothing, close: nothing };
}

/** Where a scenario is found at any port. */
export function pathOf(name: Listening, key: string, faults: number): string {
  return `/${name}?key=${encodeURIComponent(key)}${faults === Infinity ? '' : `&faults=${String(faults)}`}`;
}
