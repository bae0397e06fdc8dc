// The server of the benchmarks, in a process of its own: its CPU time is nobody's. It tells its address once it listens, and ends with the
// process that started it.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { JSON_TEXT, MEGABYTE } from './stub.js';

const small = Buffer.from(JSON_TEXT);
const large = Buffer.alloc(MEGABYTE, 'tea ');
const busy = Buffer.from('{"error":"busy"}');
/** The paths whose last answer was 503. */
const refused = new Set<string>();

function answer(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.byteLength });
  response.end(body);
}

const server = createServer((request, response) => {
  const path = request.url ?? '';
  if (path.startsWith('/megabyte')) {
    answer(response, 200, 'application/octet-stream', large);
  } else if (path.startsWith('/busy/') && !refused.delete(path)) {
    // Each lane has a path of its own, so that each of its requests is refused exactly once.
    refused.add(path);
    answer(response, 503, 'application/json', busy);
  } else {
    answer(response, 200, 'application/json', small);
  }
});
// Connections last longer than any break between two rounds.
server.keepAliveTimeout = 300_000;
server.listen(0, '127.0.0.1', 1_024, () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`http://127.0.0.1:${port}/`);
});
process.on('disconnect', () => {
  process.exit();
});
