import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const user = { name: 'Ada', born: '1815-12-10' };
const logLine = `${JSON.stringify({ at: '2026-01-01T00:00:00Z', level: 'info', text: 'started' })}\n`;
const file = Buffer.alloc(300_000, 'abc');

/** The answer to each path, whatever the host. A function gets the request, and the number of requests to this path before it. */
const answers = {
  '/': text('Hello\n'),
  '/backup': empty(204),
  '/export': text('{"id":1}\n{"id":2}\n', 'application/x-ndjson'),
  '/film.mp4': bytes,
  '/jobs/7': (request, response, visits) => json({ state: visits < 2 ? 'running' : 'done' })(request, response),
  '/log': (request, response, visits) => {
    const skip = searchParams(request).get('skip');
    const rest = logLine.repeat(3).slice(Number(skip));
    // The example that skips what it has gets a body that breaks off.
    if (skip !== null && visits === 1) breakOff(response, { 'content-length': rest.length }, logLine);
    else text(rest, 'application/x-ndjson')(request, response);
  },
  '/logo.png': (request, response) => bytes(request, response, Infinity),
  '/missing': json({ title: 'There is no such page' }, 404, 'application/problem+json'),
  '/model.bin': bytes,
  '/motd': text('Tea is ready\n'),
  '/notes.txt': text('Tea, two cups\n'),
  '/orders': json({ id: 1 }, 201),
  '/price': json(3),
  '/prices': prices,
  '/report': json({ cups: 2 }),
  '/robots.txt': text('User-agent: *\n'),
  '/search': json({ hits: ['green tea'] }),
  '/session': empty(204),
  '/settings': json({ theme: 'dark' }),
  '/state': (request, response, visits) => json({ ready: visits > 0 })(request, response),
  '/status': text('up\n'),
  '/users': (request, response) => {
    if (request.method === 'GET' && !searchParams(request).has('page')) {
      response.setHeader('link', '</users?page=2>; rel="next"');
    }
    json(request.method === 'GET' ? [user, user] : user)(request, response);
  },
  '/users/1': json(user),
  '/v1/chat/completions': (request, response) => {
    const tokens = ['Hello', ' there'].map((content) => JSON.stringify({ choices: [{ delta: { content } }] }));
    events([...tokens, '[DONE]'].map((data) => ({ data })))(request, response);
    response.end();
  },
  '/v1/users/1': json(user),
  '/v2/search': json({ hits: ['black tea'] }),
  '/video': (request, response) => bytes(request, response, Infinity),
  '/words.txt': text('tea\ncup\n'),
};

/** Paths whose first request is answered like the others: a client does not send it again, or does so anyway. */
const neverUnavailable = ['/missing', '/state'];

/** The methods that the client sends again. Others get no 503: their examples would end with it. */
const repeatable = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'QUERY'];

/**
 * Starts a server for one block. The first request to a path is answered with 503, so that the examples retry.
 * `unknownPaths` has the paths that were requested and have no answer.
 */
export async function startServer() {
  const visits = new Map();
  const unknownPaths = new Set();
  const countVisit = (path) => {
    const count = visits.get(path) ?? 0;
    visits.set(path, count + 1);
    return count;
  };

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const answer = answers[pathname];
    if (answer === undefined) unknownPaths.add(pathname);
    request.on('error', () => undefined).resume();
    request.on('end', () => {
      const count = countVisit(pathname);
      const canRepeat = repeatable.includes(request.method) || 'idempotency-key' in request.headers;
      if (answer === undefined) answers['/missing'](request, response);
      else if (count === 0 && canRepeat && !neverUnavailable.includes(pathname)) unavailable(request, response);
      else answer(request, response, count);
    });
  });
  server.on('upgrade', (request, socket) => {
    socket.on('error', () => undefined);
    if (countVisit(request.url) === 0) socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n');
    else openWebSocket(request, socket);
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    unknownPaths,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function searchParams(request) {
  return new URL(request.url, 'http://localhost').searchParams;
}

function unavailable(request, response) {
  json({ title: 'Down for a moment', retryable: true }, 503, 'application/problem+json')(request, response);
}

function empty(status) {
  return (_, response) => {
    response.writeHead(status).end();
  };
}

function text(body, type = 'text/plain; charset=utf-8', status = 200) {
  return (_, response) => {
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
  };
}

function json(value, status = 200, type = 'application/json') {
  return text(JSON.stringify(value), type, status);
}

/** Cuts the first body off halfway: downloads go on from there with a range, and get the rest. */
function bytes(request, response, visits) {
  const headers = { 'accept-ranges': 'bytes', 'content-type': 'application/octet-stream', etag: '"v1"' };
  const { start } = /^bytes=(?<start>\d+)-$/.exec(request.headers.range ?? '')?.groups ?? {};
  if (start !== undefined) {
    const rest = file.subarray(Number(start));
    const range = `bytes ${start}-${file.length - 1}/${file.length}`;
    response.writeHead(206, { ...headers, 'content-length': rest.length, 'content-range': range }).end(rest);
    return;
  }
  const allHeaders = { ...headers, 'content-length': file.length };
  if (request.method === 'HEAD' || visits > 1) response.writeHead(200, allHeaders).end(file);
  else breakOff(response, allHeaders, file.subarray(0, file.length / 2));
}

function breakOff(response, headers, part) {
  response.writeHead(200, headers).write(part, () => response.destroy());
}

/** The first stream of prices ends, so that the client connects again. The next one stays open and sends nothing more. */
function prices(request, response, visits) {
  events([{ retry: 50, id: visits, event: 'price', data: '3' }, { data: '4' }])(request, response);
  if (visits === 1) response.end();
}

function events(list) {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of list) {
      const fields = Object.entries(event).map(([name, value]) => `${name}: ${value}\n`);
      response.write(`${fields.join('')}\n`);
    }
  };
}

/** Accepts a WebSocket, sends one message, and closes when the client sends a frame, which is its closing one. */
function openWebSocket(request, socket) {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash('sha1').update(key).digest('base64');
  const message = Buffer.from(JSON.stringify({ price: 3 }));
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  );
  socket.write(Buffer.concat([Buffer.from([0x81, message.length]), message]));
  socket.on('data', () => socket.end(Buffer.from([0x88, 0])));
}
