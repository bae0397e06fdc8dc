// Run in a process of its own, since zone.js changes every timer and promise there is: what runs in Angular's zone, and what outside it,
// while a request is retried. Prints lines.
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

import { injectAttempts, retryInterceptor } from '../../src/angular/index.js';
import { constant } from '../../src/index.js';
import { app, injected } from './angular.js';

const where = (): string => (NgZone.isInAngularZone() ? 'inside' : 'outside');
const say = (what: string): void => {
  console.log(`${what}: ${where()}`);
};

let sent = 0;
const answer: HttpInterceptorFn = () => {
  say('interceptor');
  return defer(() =>
    ++sent < 2 ? throwError(() => new HttpErrorResponse({ status: 503 })) : of(new HttpResponse({ body: 'tea' })),
  );
};

/** Says where a wait is begun. */
function watched<T extends typeof setTimeout | typeof setInterval>(begin: T): T {
  return ((work: () => void, ms?: number) => {
    if (ms === 7) say('wait');
    return begin(work, ms);
  }) as T;
}
globalThis.setTimeout = watched(globalThis.setTimeout);
globalThis.setInterval = watched(globalThis.setInterval);

app(
  provideZoneChangeDetection(),
  provideHttpClient(withInterceptors([retryInterceptor({ backoff: constant(7) }), answer])),
);
const zone = TestBed.inject(NgZone);
const http = TestBed.inject(HttpClient);
const attempts$ = injected(() => injectAttempts());

function askAgain(): void {
  console.log('From outside');
  sent = 0;
  http.get('http://a.test/').subscribe(() => {
    say('consumer');
  });
}

zone.run(() => {
  const listener = attempts$.subscribe(({ type }) => {
    say(`listener, ${type}`);
  });
  http.get('http://a.test/').subscribe(() => {
    say('consumer');
    listener.unsubscribe();
    zone.runOutsideAngular(askAgain);
  });
  console.log(`The zone is ${zone.hasPendingMacrotasks ? 'busy' : 'idle'} meanwhile`);
});
