import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { constant } from 'rxjs-retry-client';
import { injectAttempts, injectAttemptsSignal, injectRetryNow, retryInterceptor } from 'rxjs-retry-client/angular';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const down = { status: 503, statusText: 'Service Unavailable' };

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  TestBed.resetTestingModule();
  vi.useRealTimers();
});

it('durations, limits, and what is left of Retry-After are in the time of Vitest, whose fakes do not fake performance', () => {
  TestBed.configureTestingModule({
    providers: [
      provideHttpClient(withInterceptors([retryInterceptor({ backoff: constant(60_000), timeout: 5_000 })])),
      provideHttpClientTesting(),
    ],
  });
  const http = TestBed.inject(HttpTestingController);
  const events = [];
  const began = Date.now();
  TestBed.runInInjectionContext(injectAttempts).subscribe(({ type, elapsed }) =>
    events.push([type, elapsed, Date.now() - began]),
  );
  const running = TestBed.runInInjectionContext(injectAttemptsSignal);
  const retryNow = TestBed.runInInjectionContext(injectRetryNow);
  TestBed.inject(HttpClient).get('/users/1').subscribe();

  vi.advanceTimersByTime(5_000);
  expect(running()[0].until).toBe(began + 65_000);
  vi.advanceTimersByTime(10_000);
  retryNow();
  http
    .match('/users/1')
    .at(-1)
    .flush(null, { ...down, headers: { 'retry-after': '20' } });
  vi.advanceTimersByTime(5_000);
  retryNow();
  vi.advanceTimersByTime(14_000);
  http.expectNone('/users/1');
  vi.advanceTimersByTime(2_500);
  http.expectOne('/users/1').flush({ name: 'Ada' });

  expect(events.map(([type]) => type)).toEqual([
    'start',
    'retry',
    'start',
    'response',
    'retry',
    'start',
    'response',
    'value',
    'success',
  ]);
  expect(events[1]).toEqual(['retry', 5_000, 5_000]);
  expect(events[2][2]).toBe(15_000);
  expect(events[5][2]).toBeGreaterThanOrEqual(35_000);
});
