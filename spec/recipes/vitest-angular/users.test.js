import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { TestBed } from '@angular/core/testing';
import { constant } from 'rxjs-retry-client';
import { provideRetryTesting, retryInterceptor } from 'rxjs-retry-client/angular';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

const down = { status: 503, statusText: 'Service Unavailable' };

/** The providers of the app, those of a test after them, and a request. */
function getUser(...providers) {
  TestBed.configureTestingModule({
    providers: [
      provideHttpClient(withInterceptors([retryInterceptor({ backoff: constant(60_000) })])),
      provideHttpClientTesting(),
      ...providers,
    ],
  });
  const user = { value: undefined, status: undefined };
  TestBed.inject(HttpClient)
    .get('/users/1')
    .subscribe({ next: (value) => (user.value = value), error: ({ status }) => (user.status = status) });
  return user;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
  TestBed.inject(HttpTestingController).verify();
  TestBed.resetTestingModule();
  vi.useRealTimers();
});

it('fails at once', () => {
  const user = getUser(provideRetryTesting());
  TestBed.inject(HttpTestingController).expectOne('/users/1').flush(null, down);

  expect(user.status).toBe(503);
});

it('is asked for again, without a wait', () => {
  const user = getUser(provideRetryTesting({ waits: 'instant' }));
  const http = TestBed.inject(HttpTestingController);
  http.expectOne('/users/1').flush(null, down);
  http.expectOne('/users/1').flush({ name: 'Ada' });

  expect(user.value).toEqual({ name: 'Ada' });
});

it('is asked for again after a minute', () => {
  const user = getUser();
  const http = TestBed.inject(HttpTestingController);
  http.expectOne('/users/1').flush(null, down);
  vi.advanceTimersByTime(59_999);
  http.expectNone('/users/1');
  vi.advanceTimersByTime(1);
  http.expectOne('/users/1').flush({ name: 'Ada' });

  expect(user.value).toEqual({ name: 'Ada' });
});
