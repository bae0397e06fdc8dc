// Runs one compiled block: `node child.js <file> <port of the server> <exit code for quiet>`. What goes to standard error is a failure.
import dns from 'node:dns';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import process, { argv, exit } from 'node:process';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';

import { isObservable, take } from 'rxjs';
import { RetryClient } from 'rxjs-retry-client';

const [file, port, quietCode] = argv.slice(2);
const sockets = new Set();

/** A block without traffic for this many ticks is at rest. Ticks that a busy machine delays do not count twice. */
const QUIET_TICKS = 15;
const TICK_MS = 100;

// Examples warn of retries, and a retry is no failure.
console.warn = console.log;

routeToServer();
declareGlobals();
exitWhenQuiet();

// From here on, stack traces have the lines of the page. For the modules before, maps would only cost time.
process.setSourceMapsEnabled(true);
const exported = await import(pathToFileURL(file).href);
for (const value of Object.values(exported)) {
  if (isObservable(value)) runOnce(value);
  else if (value instanceof RetryClient) runOnce(value.get('https://api.example.com/users/1'));
}

function runOnce(observable) {
  observable.pipe(take(1)).subscribe({ next: discardBody, error: (error) => console.error(error) });
}

/** A Response's body that nobody reads keeps its connection, and so the process. That of node-fetch is a stream of Node. */
function discardBody(value) {
  const body = value?.body;
  if (typeof body?.cancel === 'function') void body.cancel();
  else if (typeof body?.destroy === 'function') body.destroy();
}

/** Connects every https: and wss: URL to the server, without TLS. `fetch`, undici and node:https all connect by tls.connect. */
function routeToServer() {
  tls.connect = () => {
    const socket = net.connect(Number(port), '127.0.0.1');
    socket.once('connect', () => socket.emit('secureConnect'));
    sockets.add(socket);
    return socket;
  };
  const { lookup } = dns;
  dns.lookup = (name, ...rest) => {
    if (net.isIP(name) !== 0) return lookup(name, ...rest);
    const error = new Error(`only https: and wss: URLs reach the server of check:docs, not "${name}"`);
    process.nextTick(rest.at(-1), Object.assign(error, { code: 'ENOTFOUND' }));
  };
  syncBuiltinESMExports();
}

/** Gives a value to each name that an example declares, and to those that only later versions of Node have. */
function declareGlobals() {
  const schema = { '~standard': { version: 1, vendor: 'check-docs', validate: (value) => ({ value }) } };
  Object.assign(globalThis, {
    freshToken: () => Promise.resolve('token'),
    metrics: { count() {}, time() {} },
    price: schema,
    save: (row) => Promise.resolve(row.id),
    startSpan: () => ({ addEvent() {}, end() {} }),
    token: 'token',
    userSchema: schema,
  });
  if (globalThis.WebSocket !== undefined) return;
  // From Node 22 on it is a global.
  Object.defineProperty(globalThis, 'WebSocket', { get: () => createRequire(import.meta.url)('undici').WebSocket });
}

/** Ends a block that waits for more: a stream that stays open, a long backoff. */
function exitWhenQuiet() {
  let bytesBefore = 0;
  let quietTicks = 0;
  setInterval(() => {
    const bytes = [...sockets].reduce((sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten, 0);
    quietTicks = bytes === bytesBefore ? quietTicks + 1 : 0;
    bytesBefore = bytes;
    if (quietTicks === QUIET_TICKS) exit(Number(quietCode));
  }, TICK_MS).unref();
}
