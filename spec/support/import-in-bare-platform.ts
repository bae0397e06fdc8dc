// Imports a module of this package without the platform's globals, and prints an ImportReport as JSON:
// `node --import ./spec/support/register.js spec/support/import-in-bare-platform.ts <file> <dependencies>`.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defer, map, of, throwError } from 'rxjs';

import type { RetryClient, retryWithStrategy, Transport } from '../../src/index.js';
import { failureOf, only } from './settled.js';

/** Globals that Jest's jsdom or an old browser may lack. */
const MISSING = [
  ...[
    'Response',
    'Request',
    'Headers',
    'fetch',
    'FormData',
    'Blob',
    'File',
    'EventSource',
    'WebSocket',
    'AbortController',
    'AbortSignal',
    'DOMException',
  ],
  ...[
    'ReadableStream',
    'WritableStream',
    'TransformStream',
    'CompressionStream',
    'DecompressionStream',
    'TextDecoderStream',
    'TextEncoderStream',
  ],
  ...[
    'TextDecoder',
    'TextEncoder',
    'Event',
    'EventTarget',
    'URL',
    'URLSearchParams',
    'MessageChannel',
    'BroadcastChannel',
    'performance',
    'crypto',
  ],
  ...['navigator', 'queueMicrotask', 'structuredClone'],
];

/** The effects of an import, and what works after it. */
export interface ImportReport {
  /** The exported names. */
  readonly names: readonly string[];
  /** Side effects of the import: timers, changed globals, listeners, handles. */
  readonly effects: readonly string[];
  /** Results of the operator while the globals are missing, if the module exports it. */
  readonly operator: readonly unknown[] | undefined;
  /** Whether a request gives an instance of Response after the globals are back, if the module can send. */
  readonly response: boolean | undefined;
}

interface Entry {
  readonly RetryClient?: typeof RetryClient;
  readonly retryWithStrategy?: typeof retryWithStrategy;
  readonly nodeFetch?: () => Transport;
  readonly undiciFetch?: () => Transport;
}

const [, , file, ...dependencies] = process.argv;
// Loaded before the globals are removed: some dependencies need them, and their side effects are not this package's.
for (const dependency of dependencies) await import(dependency);
const platform = globals();
for (const name of MISSING) Reflect.deleteProperty(globalThis, name);

const before = globals();
const listeners = countListeners();
const resources = activeResources();
const effects: string[] = [];
const timers = ['setTimeout', 'setInterval', 'setImmediate'] as const;
const originals = timers.map((name) => globalThis[name]);
for (const name of timers) {
  const real = globalThis[name] as (...args: unknown[]) => unknown;
  globalThis[name] = ((...args: unknown[]) => {
    effects.push(name);
    return real(...args);
  }) as never;
}
const entry = (await import(file!)) as Entry;
timers.forEach((name, index) => {
  globalThis[name] = originals[index] as never;
});
const after = globals();
for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
  if (!isSameProperty(before[name], after[name])) effects.push(`globalThis.${name}`);
}
if (countListeners() !== listeners) effects.push('a listener of the process');
if (activeResources() !== resources) effects.push(`handles: ${resources} before, ${activeResources()} after`);

const operator = entry.retryWithStrategy && (await exerciseOperator(entry.retryWithStrategy));
Object.defineProperties(
  globalThis,
  Object.fromEntries(MISSING.flatMap((name) => (platform[name] ? [[name, platform[name]]] : []))),
);
const imported: ImportReport = { names: Object.keys(entry), effects, operator, response: await givesResponse(entry) };
console.log(JSON.stringify(imported));

function globals(): Record<string, PropertyDescriptor> {
  return Object.getOwnPropertyDescriptors(globalThis);
}

function isSameProperty(left: PropertyDescriptor | undefined, right: PropertyDescriptor | undefined): boolean {
  return (
    Object.is(left?.value, right?.value) && left?.get === right?.get && left?.set === right?.set && !left === !right
  );
}

function countListeners(): number {
  return process.eventNames().reduce((count, name) => count + process.listenerCount(name), 0);
}

function activeResources(): string {
  return process.getActiveResourcesInfo().sort().join(' ');
}

async function exerciseOperator(retry: typeof retryWithStrategy): Promise<unknown[]> {
  let subscriptions = 0;
  const thirdSucceeds$ = defer(() => {
    subscriptions += 1;
    return subscriptions < 3 ? throwError(() => new Error('down')) : of(subscriptions);
  });
  const busy = of({ status: 503, headers: { get: () => null }, body: null });
  const gone = throwError(() => Object.assign(new Error('gone'), { status: 410, headers: { get: () => null } }));
  const strategy = { backoff: () => 1 };
  return [
    await only(of(1).pipe(retry())),
    await only(thirdSucceeds$.pipe(retry(strategy))),
    await only(
      busy.pipe(
        retry(strategy),
        map(({ status }) => status),
      ),
    ),
    String(await failureOf(gone.pipe(retry(strategy)))),
  ];
}

async function givesResponse({ RetryClient, nodeFetch, undiciFetch }: Entry): Promise<boolean | undefined> {
  const transport = nodeFetch ?? undiciFetch;
  if (!RetryClient && !transport) return undefined;
  const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const given = RetryClient
      ? await only(new RetryClient().get(url, { selector: (response) => of(response) }))
      : await transport!()(url, {});
    return given instanceof Response;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
