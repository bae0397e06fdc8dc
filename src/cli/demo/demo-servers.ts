import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The two servers of the demo, on loopback ports. */
export interface DemoServers {
  readonly primary: string;
  readonly mirror: string;
  /** The keys of the orders that arrived at either server. An order that is sent again with its key is listed once. */
  readonly orders: readonly string[];
  close(): Promise<void>;
}

// Long enough for a bar that shows when the hedge was sent.
const SEARCH_MS = 100;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Routes = Readonly<Record<string, Handler>>;

/** Starts a primary server that fails differently on each path, and a mirror that mostly works. */
export async function startDemoServers(): Promise<DemoServers> {
  const orders: string[] = [];
  let isInMaintenance = true;

  const placeOrder = (request: IncomingMessage): number => {
    const key = String(request.headers['idempotency-key'] ?? `unnamed ${orders.length + 1}`);
    if (!orders.includes(key)) orders.push(key);
    return orders.indexOf(key) + 1;
  };
  const primary = await listen({
    '/report': answerBusy('2'),
    '/prices': (_, response) => {
      // Cuts the connection after a part of the announced body.
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '64' });
      response.write('{"prices":[', () => response.destroy());
    },
    '/weather': () => undefined,
    '/search': () => undefined,
    '/orders': (request, response) => {
      // Accepts the order, but loses the response. Without a key, sending it again would order twice.
      placeOrder(request);
      response.destroy();
    },
    '/status': (request, response) => {
      (isInMaintenance ? answerBusy('1') : answerJson({ from: 'primary', status: 'recovered' }))(request, response);
      isInMaintenance = false;
    },
    '/archive': answerBusy(),
  });
  const mirror = await listen({
    '/report': answerJson({ from: 'mirror', pages: 12 }),
    '/prices': answerJson({ from: 'mirror', prices: [19, 23] }),
    '/weather': answerJson({ from: 'mirror', sky: 'clear' }),
    '/orders': (request, response) => {
      answerJson({ from: 'mirror', order: placeOrder(request) })(request, response);
    },
    '/search': after(SEARCH_MS, answerJson({ from: 'mirror', hits: 3 })),
    '/status': answerBusy(),
    '/archive': answerBusy(),
  });
  return {
    primary: urlOf(primary),
    mirror: urlOf(mirror),
    orders,
    close: async () => {
      await Promise.all([close(primary), close(mirror)]);
    },
  };
}

function listen(routes: Routes): Promise<Server> {
  const server = createServer((request, response) => {
    // Reads the whole body before it answers, as a real server does.
    request.resume().on('end', () => {
      (routes[request.url ?? ''] ?? answerNotFound)(request, response);
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

const answerNotFound: Handler = (_, response) => {
  response.writeHead(404).end();
};

function answerJson(body: unknown): Handler {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

function after(ms: number, handler: Handler): Handler {
  return (request, response) => {
    setTimeout(handler, ms, request, response);
  };
}

function answerBusy(retryAfter?: string): Handler {
  return (_, response) => {
    response
      .writeHead(503, { 'content-type': 'text/plain', ...(retryAfter !== undefined && { 'retry-after': retryAfter }) })
      .end('busy\n');
  };
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    // Keep-alive connections and the stalled one would keep the server open.
    server.closeAllConnections();
  });
}
