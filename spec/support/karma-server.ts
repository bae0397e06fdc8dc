import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Origins } from './api.js';
import { createHandler, type Handler } from './handler.js';
import { hostileControl } from './hostile/karma-hostile.js';
import { closedPort, listen } from './node-server.js';
import { RequestLog, type Stage } from './request-log.js';

/**
 * The test server as a middleware of Karma's: the page's own origin follows scripts, a second one does the same on another port, and
 * specs read the log at `/__log/`. The hostile server has ports of its own; specs ask for these at `/__hostile/`.
 */
export async function karmaServer(): Promise<Handler> {
  const log = new RequestLog();
  const handler = createHandler(log);
  const [second, refusedUrl, hostile] = await Promise.all([
    listen(oneRequestPerConnection.createServer(handler)),
    closedPort(),
    hostileControl(),
  ]);

  return (request, response, next) => {
    const asked = hostile(request);
    if (asked) {
      void asked.then((said) => {
        answer(response, said ?? null);
      });
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '', `http://${request.headers.host ?? ''}`);
    const key = searchParams.get('key') ?? '';
    const number = Number(searchParams.get('number'));
    const answerWhen = (stage: Stage) => {
      void log.when(key, number, stage).then((entry) => {
        answer(response, entry);
      });
    };
    switch (pathname) {
      case '/__log/origins': {
        const origins: Origins = {
          origin: `http://${request.headers.host ?? ''}`,
          otherOrigin: second.origin,
          refusedUrl,
        };
        answer(response, origins);
        break;
      }
      case '/__log/requests':
        answer(response, log.requests(key));
        break;
      case '/__log/received':
        answerWhen('received');
        break;
      case '/__log/ended':
        answerWhen('ended');
        break;
      case '/__log/cut':
        log.cut(key, number);
        answerWhen('ended');
        break;
      default:
        handler(request, response, next);
    }
  };
}

/**
 * What Karma makes its web server with. A browser that has a connection cut which served it before sends the request again by itself, and
 * a spec would count one request more than the client made: so every connection serves one request, those of Karma's own page included.
 */
export const oneRequestPerConnection = {
  createServer(listener: RequestListener): Server {
    const server = createServer(listener);
    server.maxRequestsPerSocket = 1;
    return server;
  },
};

function answer(response: ServerResponse, body: unknown): void {
  response
    .writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    .end(JSON.stringify(body));
}
