import { Agent, Client, type Dispatcher, Pool } from 'undici';

import type { UndiciDispatch, DispatchOptions } from './undici-dispatch.js';

/** What is received over the one connection of a client of undici. */
interface Connection {
  activeDispatch: UndiciDispatch | undefined;
}

type Connect = (options: never, done: (error: unknown, socket: unknown) => void) => void;

/**
 * A client of undici that reports the end of its connection to whoever is receiving an answer. Undici takes a connection that ends while an
 * answer is paused for broken, though all of that has come; undici 7 ends the process.
 *
 * @see {@link https://github.com/nodejs/undici/issues/5360 | nodejs/undici#5360}
 */
function createReportingClient(origin: URL, options: object): Dispatcher {
  const connection: Connection = { activeDispatch: undefined };
  const { connect } = options as { readonly connect: Connect };
  const reportingConnect: Connect = (target, done) => {
    connect(target, (error, socket) => {
      // Before undici itself listens.
      (socket as NodeJS.ReadableStream | null)?.on('end', () => {
        connection.activeDispatch?.onConnectionEnd();
      });
      done(error, socket);
    });
  };
  const client = new Client(origin, { ...options, connect: reportingConnect as never });
  const dispatch = client.dispatch.bind(client);
  client.dispatch = (request, handler) => {
    // Undici 7 hides the handler in others of its own, and hands the request on as it is.
    const { undiciDispatch } = request as Partial<DispatchOptions>;
    if (undiciDispatch) undiciDispatch.connection = connection;
    return dispatch(request, handler);
  };
  return client;
}

/** An agent that keeps connections alive, and leaves all timeouts but that of connecting to the client. */
export function createAgent(): Agent {
  const createPool = (origin: string | URL, options: object): Dispatcher =>
    new Pool(origin, { ...options, factory: createReportingClient });
  return new Agent({ headersTimeout: 0, bodyTimeout: 0, factory: createPool });
}
