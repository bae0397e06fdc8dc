// Prints a line for each step of a retried request, with `inside` or `outside` Angular's zone. It runs in a process of
// its own, because zone.js patches every timer and promise of a process.
import 'zone.js';
import '@angular/compiler';

import {
  HttpClient,
  HttpErrorResponse,
  type HttpInterceptorFn,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import { NgZone, provideZoneChangeDetection } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { defer, of, throwError } from 'rxjs';

import { injectAttempts, injectRetryNow, retryInterceptor } from '../../src/angular/index.js';
import { constant } from '../../src/index.js';
import { app, injected } from './angular-app.js';

const zoneName = (): string => (NgZone.isInAngularZone() ? 'inside' : 'outside');
const printZone = (step: string): void => {
  console.log(`${step}: ${zoneName()}`);
};

let sent = 0;
const answer: HttpInterceptorFn = () => {
  printZone('interceptor');
  return defer(() =>
    ++sent < 2 ? throwError(() => new HttpErrorResponse({ status: 503 })) : of(new HttpResponse({ body: 'tea' })),
  );
};

/** Wraps a timer function so that it prints the zone in which the wait of a retry, or a limit, begins. */
function withZoneLog<T extends typeof setTimeout | typeof setInterval>(startTimer: T): T {
  return ((work: () => void, ms?: number) => {
    if (ms === 7) printZone('wait');
    if (ms === 60_001) printZone('timeout');
    if (ms === 60_002) printZone('totalTimeout');
    return startTimer(work, ms);
  }) as T;
}
globalThis.setTimeout = withZoneLog(globalThis.setTimeout);
globalThis.setInterval = withZoneLog(globalThis.setInterval);

app(
  provideZoneChangeDetection(),
  provideHttpClient(
    withInterceptors([retryInterceptor({ backoff: constant(7), timeout: 60_001, totalTimeout: 60_002 }), answer]),
  ),
);
const zone = TestBed.inject(NgZone);
const http = TestBed.inject(HttpClient);
const attempts$ = injected(() => injectAttempts());
const retryNow = injected(() => injectRetryNow());

function sendFromOutside(): void {
  console.log('From outside');
  sent = 0;
  http.get('http://a.test/').subscribe(() => {
    printZone('consumer');
    zone.run(sendFromInside);
  });
}

/** The wait is ended by code outside Angular's zone. */
function sendFromInside(): void {
  console.log('Woken from outside');
  sent = 0;
  http.get('http://a.test/').subscribe(() => {
    printZone('consumer');
  });
  zone.runOutsideAngular(retryNow);
}

zone.run(() => {
  const listener = attempts$.subscribe(({ type }) => {
    printZone(`listener, ${type}`);
  });
  http.get('http://a.test/').subscribe(() => {
    printZone('consumer');
    listener.unsubscribe();
    zone.runOutsideAngular(sendFromOutside);
  });
  console.log(`The zone is ${zone.hasPendingMacrotasks ? 'busy' : 'idle'} meanwhile`);
});
