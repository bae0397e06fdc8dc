import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { RequestLog } from './request-log.js';
import { createScriptHandler } from './script-handler.js';
import { createTestServerApi, type TestServer } from './test-server-api.js';

/** The test server, with methods that need the server in the process of the spec. */
export interface NodeTestServer extends TestServer {
  /** Returns the number of open connections to both origins. */
  openSockets(): number;
  /** Resolves when all connections to both origins are closed. */
  socketsClosed(): Promise<void>;
}

/** Starts the test server on two loopback ports. */
export async function nodeTestServer(): Promise<NodeTestServer> {
  const log = new RequestLog();
  const handler = createScriptHandler(log);
  // Without timeouts, since specs stall uploads and keep connections idle for as long as they need.
  const server = () => createServer({ requestTimeout: 0, keepAliveTimeout: 0 }, handler);
  const [first, second, refusedUrl] = await Promise.all([listen(server()), listen(server()), closedPort()]);

  const api = createTestServerApi(
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

/** A server on a free loopback port. */
export interface LoopbackServer {
  readonly origin: string;
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

/** Starts a server, and tracks its connections. */
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
 * Returns a URL whose port refuses connections until this process ends. The port is the local end of an open
 * connection, so the system gives it to no other program.
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
