// Serves the built app, rendered on the server, with its flaky API: `npm run serve`, after `npm run build`.
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flakyApi } from './flaky-api.js';

const browser = fileURLToPath(new URL('dist/browser/', import.meta.url));
const { reqHandler } = await import('./dist/server/server.mjs');
const types = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.json': 'application/json' };
const api = flakyApi();

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://page/');
  const file = join(browser, normalize(pathname));
  if (pathname.startsWith('/api/')) {
    api(request, response);
  } else if (existsSync(file) && statSync(file).isFile()) {
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  } else {
    reqHandler(request, response, (error) => {
      if (error) console.error(error);
      response.writeHead(error ? 500 : 404).end();
    });
  }
});

server.listen(Number(process.env.PORT ?? 4200), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
