import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { type Chromium, type ChromiumPage, startChromium } from '../support/chromium.js';
import { listen, type LoopbackServer } from '../support/node-server.js';

/** The time limit of a spec on a busy machine, in ms. */
const PATIENCE = 120_000;

/** How long the page stays offline, in ms: several backoffs of 20 ms. */
const OFFLINE_MS = 150;

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Answers the n-th request to a path. One without an answer is held open. */
type Handler = (response: ServerResponse, n: number, request: IncomingMessage) => void;

const handlers: Readonly<Record<string, Handler>> = {
  '/ok': (response) => response.end('ok'),
  '/hangs-once': (response, n) => n > 1 && response.end('ok'),
  '/fails-once': (response, n) => response.writeHead(n > 1 ? 200 : 503).end('ok'),
  '/events': (response, n, { headers }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`id: ${String(n)}\ndata: ${String(n)} after ${String(headers['last-event-id'])}\n\n`);
  },
  '/file': (response, n, { headers: { range } }) => {
    const common = { etag: '"a"', 'accept-ranges': 'bytes' };
    if (n === 1) {
      response.writeHead(200, { ...common, 'content-length': 8 });
      response.write('half');
    } else {
      const isResumed = range === 'bytes=4-';
      response.writeHead(206, { ...common, 'content-range': 'bytes 4-7/8', 'content-length': 4 });
      response.end(isResumed ? 'rest' : 'what');
    }
  },
  '/page': (response) => response.setHeader('content-type', 'text/html').end('<script src="page.js"></script>'),
  '/worker.js': (response) =>
    response.setHeader('content-type', 'text/javascript').end(
      `addEventListener('fetch', (event) => {
        if (event.request.url.endsWith('/cached')) event.respondWith(new Response('from the worker'));
      });
      addEventListener('activate', (event) => event.waitUntil(clients.claim()));`,
    ),
};

describe('whenOnline in Chromium', () => {
  let server: LoopbackServer;
  let origin: string;
  /** Of pages that a service worker controls. */
  let workerOrigin: string;
  let chromium: Chromium;
  let page: ChromiumPage;
  /** The folder of the spec that runs: a page that is closing still sends for a moment, and that is another spec's. */
  let folder = '';
  let specs = 0;
  /** How often the spec requested each path. */
  let requests: Record<string, number> = {};
  /** Whether the server is cut off, too. */
  let isOutage = false;

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [`${root}spec/support/offline-page.ts`],
      bundle: true,
      format: 'iife',
      write: false,
      platform: 'browser',
      target: 'es2022',
      logLevel: 'warning',
    });
    const script = outputFiles[0]!.contents;
    server = await listen(
      createServer({ requestTimeout: 0 }, (request, response) => {
        const isOfSpec = request.url!.startsWith(folder);
        // Chromium sends a request again, and tells nobody, if its connection was opened in advance.
        if (isOutage || !isOfSpec) {
          request.socket.destroy();
          return;
        }
        const path = request.url!.slice(folder.length);
        requests[path] = (requests[path] ?? 0) + 1;
        // When a connection that was used before breaks, Chromium sends the request again, and tells nobody.
        response.shouldKeepAlive = false;
        if (path === '/page.js') response.setHeader('content-type', 'text/javascript').end(script);
        else if (handlers[path]) handlers[path](response, requests[path], request);
        else response.writeHead(404).end();
      }),
    );
    // A host under .test is not a loopback host to the page.
    origin = server.origin.replace('127.0.0.1', 'shop.test');
    workerOrigin = server.origin.replace('127.0.0.1', 'worker.test');
    chromium = await startChromium([workerOrigin]);
  }, PATIENCE);

  afterAll(async () => {
    await chromium.close();
    await server.close();
  }, PATIENCE);

  beforeEach(async () => {
    specs += 1;
    folder = `/${String(specs)}`;
    requests = {};
    isOutage = false;
    page = await chromium.newPage();
    await page.open(`${origin}${folder}/page`);
  }, PATIENCE);

  afterEach(async () => {
    await page.close();
  }, PATIENCE);

  /** Creates gate and clients on the page. */
  const load = (): Promise<void> => page.evaluate('load()');

  /** Sends a request, whose events are logged on the page. */
  const send = (path: string, { kind = 'text', backoff = 20 } = {}): Promise<void> =>
    page.evaluate(`void (globalThis.log = app.send('${path.replace(/^\//, '')}', '${kind}', ${String(backoff)}))`);

  /** Resolves when a condition holds on the page. */
  const until = (condition: string): Promise<void> =>
    page.evaluate(`new Promise((resolve, reject) => {
      const end = performance.now() + 30_000;
      const timer = setInterval(() => {
        const late = performance.now() > end;
        if (!late && !(${condition})) return;
        clearInterval(timer);
        if (late) reject(new Error('not within 30 s: ' + globalThis.log));
        else resolve();
      }, 5);
    })`);

  /** Resolves with the log, as soon as it has so many lines. */
  const log = async (length: number): Promise<string[]> => {
    await until(`log.length >= ${String(length)}`);
    return page.evaluate('log');
  };

  /** Resolves with the log, as soon as it has this line. A retry is held only if its part of the spread is not 0. */
  const logUntil = async (line: string): Promise<string[]> => {
    await until(`log.includes('${line}')`);
    return (await page.evaluate<string[]>('log')).filter((entry) => !/^(?:hold|progress)/.test(entry));
  };

  /** Resolves when the server has the first request to a path. */
  const received = async (path: string): Promise<void> => {
    while (requests[path] === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
  };

  /** Takes the page offline: neither side reaches the other one from then on. */
  const goOffline = async (): Promise<void> => {
    isOutage = true;
    await page.setOffline(true);
  };

  /** Takes the page offline for some time. Its connections break, which Chromium leaves to the spec. */
  const offline = async (): Promise<void> => {
    await goOffline();
    for (const socket of server.sockets) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, OFFLINE_MS));
  };

  const online = async (): Promise<void> => {
    isOutage = false;
    await page.setOffline(false);
  };

  it(
    'an attempt fails with the network, and its retry waits for it: no other attempt is used',
    async () => {
      await load();
      await send('/hangs-once');
      await received('/hangs-once');
      await offline();

      expect(await log(3)).toEqual(['start 1', 'retry 1', 'hold 2']);
      expect(await page.evaluate(`app.gate.snapshot('all')`)).toEqual({ open: false });

      await online();

      expect(await log(5)).toEqual(['start 1', 'retry 1', 'hold 2', 'start 2', 'value ok']);
      expect(requests['/hangs-once']).toBe(2);
      expect(await page.evaluate(`app.gate.snapshot('all')`)).toEqual({ open: true });
    },
    PATIENCE,
  );

  it(
    'the end of the outage ends a wait',
    async () => {
      await load();
      await send('/fails-once', { backoff: 3_600_000 });
      await log(2);
      await offline();

      expect(await log(2)).toEqual(['start 1', 'retry 1']);

      await online();

      expect(await logUntil('value ok')).toEqual(['start 1', 'retry 1', 'start 2', 'value ok']);
      expect(requests['/fails-once']).toBe(2);
    },
    PATIENCE,
  );

  it(
    'a first attempt is held',
    async () => {
      await load();
      await goOffline();
      await send('/ok');
      await offline();

      expect(await log(1)).toEqual(['hold 1']);
      expect(requests['/ok']).toBeUndefined();

      await online();

      expect(await log(3)).toEqual(['hold 1', 'start 1', 'value ok']);
      expect(requests['/ok']).toBe(1);
    },
    PATIENCE,
  );

  it(
    'a page that is offline from the start uses one attempt to make sure',
    async () => {
      await goOffline();
      await load();
      await send('/ok');
      await offline();

      expect(await log(3)).toEqual(['start 1', 'retry 1', 'hold 2']);

      await online();

      expect(await log(5)).toEqual(['start 1', 'retry 1', 'hold 2', 'start 2', 'value ok']);
      expect(requests['/ok']).toBe(1);
    },
    PATIENCE,
  );

  it(
    'a browser that says it is offline, and is not, blocks nothing',
    async () => {
      await page.evaluate(`Object.defineProperty(navigator, 'onLine', { value: false })`);
      await load();
      await send('/fails-once');

      expect(await log(4)).toEqual(['start 1', 'retry 1', 'start 2', 'value ok']);
    },
    PATIENCE,
  );

  it(
    'server-sent events go on where they were, at once when the network is back',
    async () => {
      await load();
      await send('/events', { kind: 'events', backoff: 3_600_000 });
      await log(2);
      await offline();
      await online();

      expect(await logUntil('value 2 after 1')).toEqual([
        'start 1',
        'value 1 after undefined',
        'retry 1',
        'start 2',
        'value 2 after 1',
      ]);
      expect(requests['/events']).toBe(2);
    },
    PATIENCE,
  );

  it(
    'a download goes on where it was, at once when the network is back',
    async () => {
      await load();
      await send('/file', { kind: 'file', backoff: 3_600_000 });
      await log(2);
      await offline();
      await online();

      expect(await logUntil('value halfrest')).toEqual(['start 1', 'retry 1', 'start 2', 'value halfrest']);
      expect(requests['/file']).toBe(2);
    },
    PATIENCE,
  );

  it(
    "injectAttemptsSignal says what holds a request of Angular's HttpClient",
    async () => {
      await load();
      await goOffline();
      await page.evaluate(`app.angular('fails-once').then((running) => { globalThis.running = running; })`);

      expect(await page.evaluate('running()')).toEqual([{ waiting: false, held: 'when-online', number: 1 }]);

      await online();
      await until('running().length === 0');

      expect(requests['/fails-once']).toBe(2);
    },
    PATIENCE,
  );

  it(
    "uses no attempt of Angular's HttpClient, and sends all within the spread of coming back",
    async () => {
      await load();
      await page.evaluate(`app.sendByHttpClient().then((send) => { globalThis.sendOne = send; })`);
      await page.evaluate(`globalThis.log = sendOne('hangs-once')`);
      await received('/hangs-once');
      await offline();
      for (let sent = 0; sent < 3; sent += 1) await page.evaluate(`void sendOne('ok')`);
      await offline();

      expect(await page.evaluate('log')).toEqual([
        'hangs-once start 1',
        'hangs-once retry 1',
        'ok hold 1',
        'ok hold 1',
        'ok hold 1',
      ]);

      await online();
      await until('log.filter((line) => line.endsWith(" ok")).length === 4');
      const lines = (await page.evaluate<string[]>('log')).slice(5).filter((line) => line !== 'hangs-once hold 2');

      expect(lines.sort()).toEqual([
        'hangs-once ok',
        'hangs-once start 2',
        'ok ok',
        'ok ok',
        'ok ok',
        'ok start 1',
        'ok start 1',
        'ok start 1',
      ]);
      expect([requests['/hangs-once'], requests['/ok']]).toEqual([2, 3]);
    },
    PATIENCE,
  );

  it(
    'a service worker answers the requests of its origin meanwhile, and loopback hosts are reached',
    async () => {
      await page.open(`${workerOrigin}${folder}/page`);
      await page.evaluate(`new Promise((resolve) => {
        navigator.serviceWorker.oncontrollerchange = () => resolve();
        navigator.serviceWorker.register('worker.js');
      })`);
      await load();
      await goOffline();
      await send('/cached');

      expect(await log(2)).toEqual(['start 1', 'value from the worker']);

      await send(`${server.origin}${folder}/ok`);

      // It is sent, and fails: Chromium's outage is one of loopback hosts, too.
      expect((await log(2)).slice(0, 2)).toEqual(['start 1', 'retry 1']);
    },
    PATIENCE,
  );

  it(
    'a worker, which Chromium tells of no changes, lets all attempts pass',
    async () => {
      const said = await page.evaluate(`new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob([
          \`importScripts('\${location.origin}${folder}/page.js');
          let added = 0;
          self.addEventListener = () => { added += 1; };
          const { snapshot } = whenOnlineGate();
          postMessage({ open: snapshot('all').open, added, onLine: navigator.onLine });\`,
        ])));
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve(message);
      })`);

      expect(said).toEqual({ open: true, added: 0, onLine: true });
    },
    PATIENCE,
  );
});
