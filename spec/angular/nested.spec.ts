import '@angular/compiler';

import {
  HttpClient,
  HttpErrorResponse,
  type HttpInterceptorFn,
  provideHttpClient,
  withInterceptors,
  withRequestsMadeViaParent,
} from '@angular/common/http';
import { createEnvironmentInjector, EnvironmentInjector, inject } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { from, lastValueFrom, switchMap } from 'rxjs';

import { retryContext, retryInterceptor } from '../../src/angular/index.js';
import { constant } from '../../src/index.js';
import { app, injected } from '../support/angular-app.js';
import { angularNetwork } from '../support/angular-network.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { settled } from '../support/settled.js';

describe('Attempts of HttpClient never multiply:', () => {
  const quick = { backoff: constant(0) };
  it('with two interceptors that retry in one chain', async () => {
    const network = angularNetwork(503);
    app(
      provideHttpClient(
        withInterceptors([
          retryInterceptor({ ...quick, attempts: 3 }),
          retryInterceptor({ ...quick, attempts: 5 }),
          network.interceptor,
        ]),
      ),
    );
    await settled(TestBed.inject(HttpClient).get('http://a.test/'));
    expect(network.requests).toHaveSize(5);
  });

  it('with one in a parent and one in a child injector', async () => {
    const network = angularNetwork(503);
    app(provideHttpClient(withInterceptors([retryInterceptor({ ...quick, attempts: 5 }), network.interceptor])));
    const child = createEnvironmentInjector(
      [provideHttpClient(withInterceptors([retryInterceptor({ ...quick, attempts: 3 })]), withRequestsMadeViaParent())],
      TestBed.inject(EnvironmentInjector),
    );
    await settled(child.get(HttpClient).get('http://a.test/'));
    expect(network.requests).toHaveSize(5);
  });

  it('with a request that an interceptor makes within a request', async () => {
    const network = angularNetwork(503);
    app(
      provideHttpClient(
        withInterceptors([
          retryInterceptor({ ...quick, attempts: 5 }),
          (request, next) =>
            request.url.endsWith('refresh')
              ? next(request)
              : TestBed.inject(HttpClient)
                  .get('http://a.test/refresh')
                  .pipe(switchMap(() => next(request))),
          network.interceptor,
        ]),
      ),
    );
    await settled(TestBed.inject(HttpClient).get('http://a.test/'));
    expect(network.requests).toHaveSize(5);
  });

  /** An interceptor that asks for a token within each request, through a promise. */
  const withToken: HttpInterceptorFn = (request, next) => {
    if (request.url.endsWith('token')) return next(request);
    const token$ = injected(() => inject(HttpClient)).get('http://a.test/token', { context: request.context });
    return from(lastValueFrom(token$, { defaultValue: '' })).pipe(switchMap(() => next(request)));
  };

  it('also where its error comes through a promise', async () => {
    const network = angularNetwork(503);
    app(
      provideHttpClient(
        withInterceptors([retryInterceptor({ ...quick, attempts: 4 }), withToken, network.interceptor]),
      ),
    );
    const { error } = await settled(TestBed.inject(HttpClient).get('http://a.test/'));
    expect(network.requests).toHaveSize(4);
    expect(error).toBeInstanceOf(HttpErrorResponse);
  });

  it('but they do where retryContext({ nested: true }) says so', async () => {
    const network = angularNetwork(503);
    const retrying = (attempts: number) => retryInterceptor({ ...quick, attempts });
    app(provideHttpClient(withInterceptors([retrying(3), retrying(5), network.interceptor])));
    const context = retryContext({ nested: true });
    const { error } = await settled(TestBed.inject(HttpClient).get('http://a.test/', { context }));
    expect(network.requests).toHaveSize(15);
    expect(error).toEqual(jasmine.objectContaining({ status: 503, url: 'http://a.test/', error: 'the body' }));
  });

  it('nested must be true or false', () => {
    expectRefusal(() => retryContext({ nested: 1 as never }), [TypeError], 'nested must be true or false, not 1');
  });
});
