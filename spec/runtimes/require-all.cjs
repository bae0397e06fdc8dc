// Requires the package as a CommonJS program does, by its name: `npm run test:commonjs` runs it in each Node. It fails by
// an exception, and by a warning.
const assert = require('node:assert/strict');
const { createServer } = require('node:http');
const { once } = require('node:events');

// Angular compiles some of its classes while they load.
require('@angular/compiler');
const { firstValueFrom, Observable, TimeoutError, throwError } = require('rxjs');
const { TestScheduler } = require('rxjs/testing');
const { Agent } = require('undici');
const { RetryClient, constant, json, retryWithStrategy } = require('rxjs-retry-client');
const { nodeFetch } = require('rxjs-retry-client/node');
const { undiciFetch } = require('rxjs-retry-client/undici');
const { exports: entries } = require('rxjs-retry-client/package.json');

process.on('warning', (warning) => {
  throw warning;
});

const modules = Object.keys(entries)
  .filter((entry) => typeof entries[entry] === 'object')
  .map((entry) => `rxjs-retry-client${entry.slice(1)}`);

/** A dual package would have two classes of each error, and two registers of what is permanent. */
async function requireIsImport() {
  for (const name of modules) {
    const required = require(name);
    const imported = await import(name);
    assert.ok(Object.keys(imported).length > 0, name);
    for (const key of Object.keys(imported)) assert.equal(required[key], imported[key], `${name}: ${key}`);
  }
}

/** Two copies of RxJS would have two classes, and two schedulers, of which a TestScheduler makes one virtual. */
async function sharesRequiredRxjs() {
  assert.equal((await import('rxjs')).Observable, Observable);
  const request$ = new RetryClient().get('http://127.0.0.1/');
  assert.ok(request$ instanceof Observable);
  assert.ok(request$.pipe(retryWithStrategy()) instanceof Observable);
  const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
  scheduler.run(({ expectObservable }) => {
    const error = new TimeoutError();
    const source$ = throwError(() => error);
    expectObservable(source$.pipe(retryWithStrategy({ attempts: 2, backoff: constant(50) }))).toBe('50ms #', {}, error);
  });
}

async function sendsOverEachTransport() {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    response.writeHead(requests % 2 === 1 ? 503 : 200, { 'content-type': 'application/json' }).end('{"a":1}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const dispatcher = new Agent();
  const url = `http://127.0.0.1:${server.address().port}/`;
  for (const fetch of [undefined, nodeFetch(), undiciFetch(), undiciFetch({ dispatcher })]) {
    const client = new RetryClient({ fetch, strategy: { backoff: constant(1) } });
    assert.deepEqual(await firstValueFrom(client.get(url, { selector: json() })), { a: 1 });
  }
  assert.equal(requests, 8);
  await dispatcher.close();
  server.close();
  server.closeAllConnections();
}

void (async () => {
  await requireIsImport();
  await sharesRequiredRxjs();
  await sendsOverEachTransport();
  console.log(`${modules.length} entries required`);
})();
