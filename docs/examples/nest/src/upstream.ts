import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The steps of the flaky server: each request gets the next one. */
const STEPS = ['ok', 'down', 'ok', 'busy', 'slow', 'cut'] as const;

/** How long a slow answer takes, in ms. */
const SLOW = 1_500;

/** A server that is always down, and one that fails on purpose. */
export interface Upstream {
  readonly urls: readonly [down: string, flaky: string];
  close(): void;
}

/** Starts both servers. */
export async function startUpstream(): Promise<Upstream> {
  let count = 0;
  const down = createServer((_, response) => response.writeHead(503).end());
  const flaky = createServer((request, response) => {
    const step = STEPS[count++ % STEPS.length];
    response.on('close', () => {
      console.log(
        `   upstream ${request.url}: ${step}${response.writableFinished || step === 'cut' ? '' : ', and was left'}`,
      );
    });
    if (step === 'down') response.writeHead(503).end();
    else if (step === 'busy') response.writeHead(503, { 'retry-after': '1' }).end();
    else if (step === 'cut') response.socket?.destroy();
    else {
      setTimeout(
        () => response.setHeader('content-type', 'application/json').end(JSON.stringify([{ tea: 'Sencha', price: 5 }])),
        step === 'slow' ? SLOW : 50,
      );
    }
  });
  const urls = [await listen(down), await listen(flaky)] as const;
  return {
    urls,
    close() {
      for (const server of [down, flaky]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    });
  });
}
