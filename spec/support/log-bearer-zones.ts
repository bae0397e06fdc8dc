// Prints the zone in which each response of a request comes that has waited for a token's refresh. It runs in a process
// of its own, because zone.js patches every timer and promise of a process.
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
import { map, of, throwError, timer } from 'rxjs';

import { bearerTokenInterceptor } from '../../src/angular/index.js';
import { app } from './angular-app.js';

const zoneName = (): string => (NgZone.isInAngularZone() ? 'inside' : 'outside');
const server: HttpInterceptorFn = ({ headers }) => {
  const isFresh = headers.get('Authorization') === 'Bearer b';
  if (isFresh) console.log(`sent again: ${zoneName()}`);
  return isFresh ? of(new HttpResponse({})) : throwError(() => new HttpErrorResponse({ status: 401 }));
};
const bearer = bearerTokenInterceptor({
  token: () => 'a',
  refresh: () => timer(5).pipe(map(() => 'b')),
  appliesTo: () => true,
});

app(provideZoneChangeDetection(), provideHttpClient(withInterceptors([bearer, server])));
const zone = TestBed.inject(NgZone);
const http = TestBed.inject(HttpClient);
const send = (name: string): void => {
  http.get('http://a.test/').subscribe(() => {
    console.log(`${name}: ${zoneName()}`);
  });
};

zone.runOutsideAngular(() => {
  send('who began the refresh outside');
});
zone.run(() => {
  send('who waits inside');
});
