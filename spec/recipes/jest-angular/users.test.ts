import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { fakeAsync, TestBed, tick } from '@angular/core/testing';
import { constant } from 'rxjs-retry-client';
import { retryInterceptor } from 'rxjs-retry-client/angular';

describe('users', () => {
  let http: HttpTestingController;

  beforeEach(() => {
    TestBed.configureTestingModule({
      providers: [
        provideHttpClient(withInterceptors([retryInterceptor({ backoff: constant(1_000) })])),
        provideHttpClientTesting(),
      ],
    });
    http = TestBed.inject(HttpTestingController);
  });
  afterEach(() => {
    http.verify();
  });

  it('asks again after a second', fakeAsync(() => {
    let user: unknown;
    TestBed.inject(HttpClient)
      .get('/users/1')
      .subscribe((value) => {
        user = value;
      });

    http.expectOne('/users/1').flush(null, { status: 503, statusText: 'Service Unavailable' });
    http.expectNone('/users/1');
    tick(1_000);
    http.expectOne('/users/1').flush({ name: 'Ada' });

    expect(user).toEqual({ name: 'Ada' });
  }));
});
