import '@angular/compiler';

import { HttpClient, type HttpInterceptorFn, provideHttpClient, withInterceptors } from '@angular/common/http';
import { provideLocationMocks } from '@angular/common/testing';
import { inject } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { NavigationError, provideRouter, type ResolveFn, Router, type Routes } from '@angular/router';

import { provideRetryClient, provideRetryStrategy, retryContext, retryInterceptor } from '../../src/angular/index.js';
import { constant, RetryClient } from '../../src/index.js';
import { type Providers, retryingHttp } from '../support/angular-app.js';
import { angularNetwork } from '../support/angular-network.js';
import { network } from '../support/scripted-network.js';
import { type Settled, settled } from '../support/settled.js';

const url = 'http://a.test/';
const soon = { backoff: constant(0) };
/** The strategy in the providers of the route. */
const strategyOfRoute = provideRetryStrategy({ ...soon, attempts: 5 });

/** Requests by the HttpClient, or by the RetryClient, that the route's injector has. */
const byHttpClient: ResolveFn<Settled<unknown>> = () => settled(inject(HttpClient).get(url));
const byRetryClient: ResolveFn<Settled<unknown>> = () => settled(inject(RetryClient).get(url));

const ownHttpClient = (interceptor: HttpInterceptorFn): Providers[number] =>
  provideHttpClient(withInterceptors([retryInterceptor(), interceptor]));

/**
 * Configures an app whose HttpClient retries twice, with a route `reports`, whose resolver sends a request, and a route
 * `home`. Returns the HttpClient of the app.
 */
function appWithRoute(
  interceptorOfApp: HttpInterceptorFn,
  { providers, request }: { readonly providers: Providers; readonly request: ResolveFn<unknown> },
  around: (reports: Routes) => Routes = (reports) => reports,
): HttpClient {
  const reports: Routes = [{ path: 'reports', providers: [...providers], resolve: { request }, children: [] }];
  return retryingHttp(
    { ...soon, attempts: 2 },
    [interceptorOfApp],
    provideRouter([...around(reports), { path: 'home', children: [] }]),
    provideLocationMocks(),
  );
}

function navigate(path: string): Promise<boolean> {
  return TestBed.inject(Router).navigateByUrl(path);
}

describe('provideRetryStrategy in the providers of a route that the Router navigates to', () => {
  const message =
    /^provideRetryStrategy\(\) has no effect here: it is in the providers of a route.* HttpClient is inherited/;

  it('makes the navigation fail with what to do if the route inherits HttpClient, and nothing is sent', async () => {
    const { interceptor, requests } = angularNetwork(503);
    appWithRoute(interceptor, { providers: [strategyOfRoute], request: byHttpClient });
    const events: unknown[] = [];
    TestBed.inject(Router).events.subscribe((event) => events.push(event));

    await expectAsync(navigate('/reports')).toBeRejectedWithError(Error, message);
    await expectAsync(navigate('/reports')).toBeRejectedWithError(Error, /retryContext\(strategy\)/);
    expect(events.filter((event) => event instanceof NavigationError).length).toBe(2);
    expect(requests.length).toBe(0);
  });

  it('leaves the rest of the app as it is where it is refused', async () => {
    const { interceptor, requests } = angularNetwork(503);
    const http = appWithRoute(interceptor, { providers: [strategyOfRoute], request: byHttpClient });
    await expectAsync(navigate('/reports')).toBeRejected();

    expect(await navigate('/home')).toBeTrue();
    expect(TestBed.inject(Router).url).toBe('/home');
    await settled(http.get(url));
    expect(requests.length).toBe(2);
  });

  it('is refused in lazy routes, too, and for children that inherit HttpClient', async () => {
    const { interceptor, requests } = angularNetwork(503);
    appWithRoute(interceptor, { providers: [strategyOfRoute], request: byHttpClient }, (children) => [
      { path: 'lazy', loadChildren: () => Promise.resolve(children) },
      { path: 'parent', providers: [], children },
    ]);

    for (const path of ['/lazy/reports', '/parent/reports']) {
      await expectAsync(navigate(path)).withContext(path).toBeRejectedWithError(Error, message);
    }
    expect(requests.length).toBe(0);
  });

  it('is for an HttpClient of the same route, also for its children, and the app keeps its own', async () => {
    const [ofApp, ofRoute] = [angularNetwork(503), angularNetwork(503)];
    const providers = [strategyOfRoute, ownHttpClient(ofRoute.interceptor)];
    const http = appWithRoute(ofApp.interceptor, { providers: [], request: byHttpClient }, (children) => [
      { path: 'lazy', providers, loadChildren: () => Promise.resolve(children) },
      { path: 'parent', providers, children },
    ]);
    await navigate('/lazy/reports');
    await navigate('/parent/reports');

    expect(TestBed.inject(Router).url).toBe('/parent/reports');
    expect([ofApp.requests.length, ofRoute.requests.length]).toEqual([0, 10]);
    await settled(http.get(url));
    expect(ofApp.requests.length).toBe(2);
  });

  it('is for a RetryClient of the same route', async () => {
    const ofApp = angularNetwork(503);
    const { interceptor, requests } = network(503);
    appWithRoute(ofApp.interceptor, {
      providers: [strategyOfRoute, provideRetryClient({ interceptors: [interceptor] })],
      request: byRetryClient,
    });

    expect(await navigate('/reports')).toBeTrue();
    expect([ofApp.requests.length, requests.length]).toEqual([0, 5]);
  });

  it('has an alternative for an HttpClient that the route inherits: the context of each request', async () => {
    const { interceptor, requests } = angularNetwork(503);
    appWithRoute(interceptor, {
      providers: [],
      request: () => settled(inject(HttpClient).get(url, { context: retryContext({ ...soon, attempts: 5 }) })),
    });

    expect(await navigate('/reports')).toBeTrue();
    expect(requests.length).toBe(5);
  });
});
