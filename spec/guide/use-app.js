// Serves an application that the guide made, with an API that fails at first, and uses it: `node use-app.js <folder>`,
// with a Node that runs TypeScript.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { argv, env } from 'node:process';
import { pathToFileURL } from 'node:url';

import { startChromium } from '../support/chromium.ts';

const dist = join(argv[2], 'dist', argv[2].split('/').at(-1));
const types = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html' };

/** The status codes of the next responses of the API, and the number of its requests. */
const api = { failures: [], requests: 0 };

// Angular renders pages for known hosts only.
env.NG_ALLOWED_HOSTS = '127.0.0.1';
const { reqHandler } = await import(pathToFileURL(join(dist, 'server/server.mjs')).href);
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://page/');
  const file = join(dist, 'browser', normalize(pathname));
  if (pathname === '/api/teas') {
    api.requests += 1;
    const status = api.failures.shift() ?? 200;
    response.writeHead(status, { 'Content-Type': 'application/json', 'Retry-After': '1' }).end('["Sencha"]');
  } else if (existsSync(file) && statSync(file).isFile()) {
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  } else {
    reqHandler(request, response, (error) => response.writeHead(error ? 500 : 404).end(String(error)));
  }
});
// A browser that does not answer would be waited for without end.
setTimeout(() => {
  console.error('the application was not used within 2 minutes');
  process.exit(1);
}, 120_000).unref();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
const chromium = await startChromium();
const page = await chromium.newPage();

await check('a page is rendered at build time', async () => {
  assert.match(await (await fetch(url)).text(), /<a [^>]*href="\/teas"/);
});

await check('a server retries, and renders the response', async () => {
  api.failures = [503];
  assert.match(await (await fetch(`${url}/teas`)).text(), /<p[^>]*>Sencha<\/p>/);
  assert.equal(api.requests, 2);
});

await check('what the server has rendered is not requested again', async () => {
  await page.open(`${url}/teas`);
  await until(`!document.querySelector('[ngh]')`);
  assert.match(await page.evaluate('document.body.innerText'), /Sencha/);
  assert.equal(api.requests, 1);
});

await check('the banner tells of a retry, until it succeeds', async () => {
  await page.open(url);
  await page.evaluate(`window.failures = []; console.error = (...args) => failures.push(args.map(String).join(' '))`);
  api.failures = [503];
  await until(`document.querySelector('a[href="/teas"]')`);
  await page.evaluate(`document.querySelector('a[href="/teas"]').click()`);
  await until(`/attempt 2 of \\d/.test(document.querySelector('app-banner')?.innerText)`);
  assert.equal(await page.evaluate(`document.querySelector('[role=status]').innerText`), 'Reconnecting');
  assert.doesNotMatch(await page.evaluate('document.body.innerText'), /Sencha/);
  await until(`document.body.innerText.includes('Sencha')`);
  assert.equal((await page.evaluate(`document.querySelector('app-banner').innerText`)).trim(), '');
  assert.equal(api.requests, 2);
  assert.deepEqual(await page.evaluate('failures'), []);
});

await chromium.close();
process.exit();

async function check(title, work) {
  api.failures = [];
  api.requests = 0;
  await work();
  console.log(`  ✓ ${title}`);
}

/** Resolves when an expression is true in the page. */
async function until(expression) {
  for (
    const end = Date.now() + 15_000;
    !(await page.evaluate(`Boolean(${expression})`));
    await new Promise((resolve) => setTimeout(resolve, 50))
  ) {
    if (Date.now() > end)
      throw new Error(`This did not come true: ${expression}\n${await page.evaluate('document.body.innerHTML')}`);
  }
}
