// Prints a line for each step of requests of a RetryClient that Node's fetch sends, with `inside` or `outside` Angular's
// zone. It runs in a process of its own, because zone.js patches every timer and promise of a process.
import 'zone.js/node';
import '@angular/compiler';

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { NgZone, provideZoneChangeDetection } from '@angular/core';
import { TestBed } from '@angular/core/testing';

import { injectAttempts, injectRetryClient, provideRetryClient } from '../../src/angular/index.js';
import { constant, text } from '../../src/index.js';
import { app, injected } from './angular-app.js';

const printZone = (step: string): void => {
  console.log(`${step}: ${NgZone.isInAngularZone() ? 'inside' : 'outside'}`);
};

// The body is so large that fetch reads on only when its reader asks.
const BODY = 'tea '.repeat(1_000_000);
let requests = 0;
const server = createServer((request, response) => {
  requests += 1;
  response.statusCode = request.url === '/missing' ? 404 : requests === 1 ? 503 : 200;
  response.end(BODY);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

const startInterval = globalThis.setInterval;
// RxJS waits by an interval.
globalThis.setInterval = ((work: () => void, ms?: number) => {
  if (ms === 7) printZone('wait');
  return startInterval(work, ms);
}) as typeof setInterval;

app(
  provideZoneChangeDetection(),
  provideRetryClient({
    baseUrl: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`,
    strategy: { backoff: constant(7) },
    fetch: (url, init) => {
      printZone('fetch');
      return fetch(url, init);
    },
  }),
);
const zone = TestBed.inject(NgZone);
const client = injected(injectRetryClient);
const teas$ = client.get('teas', { selector: text() });

/** Resolves when an Observable has ended, with the state of the zone soon after. */
async function printEnd(subscribe: (done: () => void) => void): Promise<void> {
  await new Promise<void>((resolve) => {
    subscribe(resolve);
  });
  await wait(50);
  console.log(`The zone is ${zone.hasPendingMacrotasks ? 'busy' : 'idle'}`);
}

for (const [title, events$] of [
  ['injectAttempts', injected(() => injectAttempts())],
  ['attempts$', client.attempts$],
] as const) {
  zone.run(() => {
    events$.subscribe(({ type }) => {
      if (type === 'retry') printZone(`${title}, retry`);
    });
  });
}
await printEnd((done) => {
  zone.run(() => {
    teas$.subscribe({
      next: () => {
        printZone('next');
      },
      complete: () => {
        printZone('complete');
        done();
      },
    });
  });
});
await printEnd((done) => {
  zone.run(() => {
    client.get('missing', { selector: text() }).subscribe({
      error: () => {
        printZone('error');
        done();
      },
    });
  });
});
await printEnd((done) => {
  zone.run(() => {
    const subscription = client.extend({}).get('teas').subscribe();
    setTimeout(() => {
      subscription.unsubscribe();
      done();
    }, 5);
  });
});
await printEnd((done) => {
  console.log('From outside');
  teas$.subscribe(() => {
    printZone('next');
    done();
  });
});
server.closeAllConnections();
server.close();
