// The server of the benchmarks, in a process of its own, so that its CPU time is not measured. It sends its URL to the
// parent process as soon as it listens, and ends with the parent.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { JSON_TEXT, MEGABYTE } from './stub.js';

const smallBody = Buffer.from(JSON_TEXT);
const largeBody = Buffer.alloc(MEGABYTE, 'tea ');
const busyBody = Buffer.from('{"error":"busy"}');
/** The paths whose last answer was a 503. */
const refusedPaths = new Set<string>();

function answer(response: ServerResponse, status: number, type: string, body: Buffer): void {
  response.writeHead(status, { 'content-type': type, 'content-length': body.byteLength });
  response.end(body);
}

const server = createServer((request, response) => {
  const path = request.url ?? '';
  if (path.startsWith('/megabyte')) {
    answer(response, 200, 'application/octet-stream', largeBody);
  } else if (path.startsWith('/busy/') && !refusedPaths.delete(path)) {
    // Each sequence of requests has a path of its own, so each of its requests gets exactly one 503.
    refusedPaths.add(path);
    answer(response, 503, 'application/json', busyBody);
  } else {
    answer(response, 200, 'application/json', smallBody);
  }
});
// Longer than any pause between two rounds, in ms: a new connection would add to the CPU time of a round.
server.keepAliveTimeout = 300_000;
server.listen(0, '127.0.0.1', 1_024, () => {
  const { port } = server.address() as AddressInfo;
  process.send?.(`http://127.0.0.1:${port}/`);
});
process.on('disconnect', () => {
  process.exit();
});
