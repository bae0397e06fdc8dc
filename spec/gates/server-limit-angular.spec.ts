import '@angular/compiler';
import { HttpErrorResponse, HttpHeaders } from '@angular/common/http';
import { TestBed } from '@angular/core/testing';
import { asyncScheduler, type Observable, throwError } from 'rxjs';

import { serverLimit } from '../../src/index.js';
import { retryingHttp } from '../support/angular-app.js';
import { type AngularAnswer, angularNetwork } from '../support/angular-network.js';
import { inVirtualTime } from '../support/virtual-time.js';

const LIMIT = { RateLimit: '"a";r=0;t=5' };

/** Sends two requests at 0 ms, of which the first gets the answer, and returns when the second one was answered. */
function secondAfter(answer: AngularAnswer): number {
  TestBed.resetTestingModule();
  return inVirtualTime(({ flush }) => {
    const limit = serverLimit();
    const network = angularNetwork(answer, 200);
    const http = retryingHttp({ attempts: 1, gates: [limit] }, [network.interceptor]);
    let time = -1;
    http.get('/1').subscribe({ error: () => undefined });
    (http.get('/2') as Observable<unknown>).subscribe(() => {
      time = asyncScheduler.now();
    });
    flush();
    return time;
  });
}

describe('serverLimit with Angular’s HttpClient', () => {
  it('hears an HttpResponse', () => {
    expect(secondAfter({ status: 200, headers: LIMIT })).toBe(5_000);
  });

  it('hears an HttpErrorResponse', () => {
    expect(secondAfter({ status: 429, headers: { 'Retry-After': '7' } })).toBe(7_000);
    const error = new HttpErrorResponse({ status: 500, headers: new HttpHeaders(LIMIT) });
    expect(secondAfter(throwError(() => error))).toBe(5_000);
  });

  it('holds nothing without such fields', () => {
    expect(secondAfter(200)).toBe(0);
    expect(secondAfter(throwError(() => new HttpErrorResponse({ status: 0 })))).toBe(0);
  });
});
