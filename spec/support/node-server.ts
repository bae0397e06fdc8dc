import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createApi, type TestServer } from './api.js';
import { createHandler } from './handler.js';
import { RequestLog } from './request-log.js';

/** What only a spec in the server's own process can ask. */
export interface NodeTestServer extends TestServer {
  /** How many connections to either origin are open now. */
  openSockets(): number;
  /** Resolves when no connection to either origin is left. */
  socketsClosed(): Promise<void>;
}

/** Starts the test server on two loopback ports. */
export async function nodeTestServer(): Promise<NodeTestServer> {
  const log = new RequestLog();
  const handler = createHandler(log);
  // Uploads may stall and kept connections may rest for as long as a spec needs them to: it is the client that is tested.
  const server = () => createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, handler);
  const [first, second, refusedUrl] = await Promise.all([listen(server()), listen(server()), closedPort()]);

  const api = createApi(
    { origin: first.origin, otherOrigin: second.origin, refusedUrl },
    {
      requests: (key) => Promise.resolve(log.requests(key)),
      when: (key, number, stage) => log.when(key, number, stage),
      cut: async (key, number) => {
        log.cut(key, number);
        await log.when(key, number, 'ended');
      },
      close: async () => {
        await Promise.all([first.close(), second.close()]);
      },
    },
  );
  return {
    ...api,
    openSockets: () => first.sockets.size + second.sockets.size,
    socketsClosed: async () => {
      for (const socket of [...first.sockets, ...second.sockets]) {
        if (!socket.closed) await once(socket, 'close');
      }
    },
  };
}

/** A server on a loopback port of the system's choice. */
export interface LoopbackServer {
  readonly origin: string;
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** Lets the server listen, and keeps count of its connections. */
export async function listen(server: Server): Promise<LoopbackServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listenOnLoopback(server);
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    sockets,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/**
 * Gives a URL whose port refuses connections for as long as this process lives: it is the near end of an open connection, so that no
 * other program can be given it to listen on.
 */
export async function closedPort(): Promise<string> {
  const server = createTcpServer();
  const port = await listenOnLoopback(server);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const near = connect(port, '127.0.0.1');
  const [[far]] = await Promise.all([accepted, once(near, 'connect')]);
  near.unref();
  far.unref();
  server.close();
  server.unref();
  return `http://127.0.0.1:${String(near.localPort)}/`;
}

async function listenOnLoopback(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
