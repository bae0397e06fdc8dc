import { Agent, Client, type Dispatcher, Pool } from 'undici';

import type { UndiciDispatch, DispatchOptions } from './undici-dispatch.js';

/** The connection of a client of undici, which has one at a time. */
interface Connection {
  /** The request whose response the connection is receiving. */
  activeDispatch: UndiciDispatch | undefined;
}

type Connect = (options: never, done: (error: unknown, socket: unknown) => void) => void;

/**
 * Creates a client of undici that reports the end of its connection to the request that is receiving its response.
 *
 * If a connection ends while a response is paused, undici reports a broken connection, although all bytes have arrived.
 * Undici 7 ends the process.
 *
 * @see {@link https://github.com/nodejs/undici/issues/5360 | nodejs/undici#5360}
 */
function createReportingClient(origin: URL, options: object): Dispatcher {
  const connection: Connection = { activeDispatch: undefined };
  const { connect } = options as { readonly connect: Connect };
  const reportingConnect: Connect = (target, done) => {
    connect(target, (error, socket) => {
      // This listener must be added before undici adds its own.
      (socket as NodeJS.ReadableStream | null)?.on('end', () => {
        connection.activeDispatch?.onConnectionEnd();
      });
      done(error, socket);
    });
  };
  const client = new Client(origin, { ...options, connect: reportingConnect as never });
  const dispatch = client.dispatch.bind(client);
  client.dispatch = (request, handler) => {
    // Undici 7 wraps the handler in its own, but passes the request unchanged.
    const { undiciDispatch } = request as Partial<DispatchOptions>;
    if (undiciDispatch) undiciDispatch.connection = connection;
    return dispatch(request, handler);
  };
  return client;
}

/**
 * Creates an agent that keeps connections alive. It has no request timeout except for connecting: the client has the
 * others.
 */
export function createAgent(): Agent {
  const createPool = (origin: string | URL, options: object): Dispatcher =>
    new Pool(origin, { ...options, factory: createReportingClient });
  return new Agent({ headersTimeout: 0, bodyTimeout: 0, factory: createPool });
}
