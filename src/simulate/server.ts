import type { Observable } from 'rxjs';

import type { HttpAttempt } from '../retry/attempt.js';

/** A request that arrives at a simulated server. */
export interface ServerRequest {
  /** When it arrives, in ms since the simulation began. */
  readonly at: number;
  /** The number of requests at the server, this one included. A client that has left is not noticed. */
  readonly inFlight: number;
  /** The number of the client, from 0. */
  readonly client: number;
  /** Returns a random number from 0 up to 1, which the seed determines. */
  readonly random: () => number;
  /** The URL that it was sent to. Each of the scenario's URLs is a server of its own. */
  readonly url: string;
  readonly attempt: HttpAttempt;
  /**
   * What models remember of this server: a Map that is empty when a run begins. A model that kept such things for
   * itself would bring them into the next run.
   */
  readonly memory: Map<unknown, unknown>;
}

/**
 * What a simulated server does about a request: it answers after a delay, in ms; its connection fails after a delay,
 * before (`connect`) or after (`cut`) the request was sent; or nothing ever comes.
 *
 * A request that meets silence is lost: it is not in flight at the server. A server that hangs has a delay of
 * `Infinity`.
 */
export type ServerAnswer =
  | { readonly delay: number; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly delay: number; readonly failure: 'connect' | 'cut' }
  | 'silent';

/**
 * A model of a server: a function that is called for each request that arrives. It uses no random numbers but the
 * request's, so that a seed determines all.
 *
 * An Observable's first value is the answer, for what depends on what happens until then. Its timers run in virtual
 * time.
 *
 * @example A server that sheds load: above ten requests at a time, it asks each tenth of a second for more time.
 * ```ts
 * import { type Server, simulate } from 'rxjs-retry-client/simulate';
 *
 * const shedding: Server = ({ inFlight }) =>
 *   inFlight > 10 ? { delay: 1, status: 503, headers: { 'retry-after': '1' } } : { delay: 100, status: 200 };
 *
 * const { three } = simulate({ duration: 9_000, clients: 20, rate: 10, server: shedding }, { three: { attempts: 3 } });
 * console.log(three.success, three.load);
 * ```
 */
export type Server = (request: ServerRequest) => ServerAnswer | Observable<ServerAnswer>;
