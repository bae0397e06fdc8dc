import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { fakeAsync, TestBed, tick } from '@angular/core/testing';
import { constant, whenOnline } from 'rxjs-retry-client';
import { injectRetryNow, provideRetryStrategy, provideRetryTesting, retryInterceptor } from 'rxjs-retry-client/angular';

describe('With fakeAsync', () => {
  const down = { status: 503, statusText: 'Service Unavailable' };

  function getUser(
    ...providers: Parameters<typeof TestBed.configureTestingModule>[0]['providers'] & object
  ): unknown[] {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withInterceptors([retryInterceptor()])),
        provideRetryStrategy({ attempts: 2, backoff: constant(60_000), gates: [whenOnline()] }),
        provideHttpClientTesting(),
        ...providers,
      ],
    });
    const results: unknown[] = [];
    TestBed.inject(HttpClient)
      .get('/users/1')
      .subscribe({
        next: (user) => results.push(user),
        error: ({ status }: { status: number }) => results.push(status),
      });
    return results;
  }

  it('provideRetryTesting() leaves no timer', fakeAsync(() => {
    const results = getUser(provideRetryTesting());
    TestBed.inject(HttpTestingController).expectOne('/users/1').flush(null, down);
    expect(results).toEqual([503]);
  }));

  it("provideRetryTesting({ waits: 'instant' }) needs no tick", fakeAsync(() => {
    const results = getUser(provideRetryTesting({ waits: 'instant' }));
    const http = TestBed.inject(HttpTestingController);
    http.expectOne('/users/1').flush(null, down);
    http.expectOne('/users/1').flush('Ada');
    expect(results).toEqual(['Ada']);
  }));

  it('injectRetryNow() ends a wait, and leaves no timer', fakeAsync(() => {
    const results = getUser();
    const http = TestBed.inject(HttpTestingController);
    http.expectOne('/users/1').flush(null, down);
    tick(1_000);
    TestBed.runInInjectionContext(injectRetryNow)();
    http.expectOne('/users/1').flush('Ada');
    expect(results).toEqual(['Ada']);
  }));
});
