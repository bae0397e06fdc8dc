import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { hostileControl } from './hostile/hostile-control.js';
import { closedPort, listen } from './node-server.js';
import { RequestLog, type Stage } from './request-log.js';
import { createScriptHandler, type Handler } from './script-handler.js';
import type { Origins } from './test-server-api.js';

/**
 * The test server as a middleware of Karma. The page's origin performs scripts, and so does a second origin on another
 * port. Specs read the log at `/__log/`, and control the hostile server, which has ports of its own, at `/__hostile/`.
 */
export async function karmaServer(): Promise<Handler> {
  const log = new RequestLog();
  const handler = createScriptHandler(log);
  const [second, refusedUrl, hostile] = await Promise.all([
    listen(oneRequestPerConnection.createServer(handler)),
    closedPort(),
    hostileControl(),
  ]);

  return (request, response, next) => {
    const reply = hostile(request);
    if (reply) {
      void reply.then((body) => {
        answer(response, body ?? null);
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
 * The http module for Karma's web server: each connection serves one request, Karma's own included. A browser repeats a
 * request by itself if a reused connection is cut, and a spec would then count one request more than the client made.
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
