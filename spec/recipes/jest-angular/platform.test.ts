import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { fakeAsync, TestBed, tick } from '@angular/core/testing';
import { mergeMap, throwError, timer } from 'rxjs';
import { constant, retryWithStrategy } from 'rxjs-retry-client';
import { retryContext, retryInterceptor } from 'rxjs-retry-client/angular';

describe('With jest-preset-angular', () => {
  it('there is no Response', () => {
    expect(typeof Response).toBe('undefined');
  });

  it('a request without retries fails at once', () => {
    TestBed.configureTestingModule({
      providers: [provideHttpClient(withInterceptors([retryInterceptor()])), provideHttpClientTesting()],
    });
    const statuses: number[] = [];
    TestBed.inject(HttpClient)
      .get('/users/1', { context: retryContext(false) })
      .subscribe({ error: ({ status }: { status: number }) => statuses.push(status) });
    TestBed.inject(HttpTestingController)
      .expectOne('/users/1')
      .flush(null, { status: 503, statusText: 'Service Unavailable' });
    expect(statuses).toEqual([503]);
  });

  it('the fake timers of Jest work like those of fakeAsync', () => {
    jest.useFakeTimers();
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withInterceptors([retryInterceptor({ backoff: constant(1_000) })])),
        provideHttpClientTesting(),
      ],
    });
    const users: unknown[] = [];
    TestBed.inject(HttpClient)
      .get('/users/1')
      .subscribe((user) => users.push(user));
    const http = TestBed.inject(HttpTestingController);
    http.expectOne('/users/1').flush(null, { status: 503, statusText: 'Service Unavailable' });
    jest.advanceTimersByTime(1_000);
    http.expectOne('/users/1').flush({ name: 'Ada' });
    expect(users).toEqual([{ name: 'Ada' }]);
    jest.useRealTimers();
  });

  it('durations are in the time of fakeAsync', fakeAsync(() => {
    const durations: number[] = [];
    const failing$ = timer(20).pipe(mergeMap(() => throwError(() => new Error('down'))));
    failing$.pipe(retryWithStrategy({ attempts: 2, backoff: constant(1_000) }, { observe: 'attempts' })).subscribe({
      next: (event) => {
        if ('elapsed' in event) durations.push(event.elapsed);
      },
      error: () => undefined,
    });
    tick(1_040);
    expect(durations).toEqual([20, 20]);
  }));
});
