// Angular compiles its own injectables when they are first used: without an app's build step that takes the compiler.
import '@angular/compiler';
import { DOCUMENT, PlatformLocation } from '@angular/common';
import { HttpClient, type HttpInterceptorFn, provideHttpClient, withInterceptors } from '@angular/common/http';
import { type EnvironmentProviders, type Provider } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';

import { type HttpRetryStrategy, retryInterceptor } from '../../src/angular/index.js';

/** Node has no document: what Angular asks of one, for an app that shows nothing. */
const pageless: Provider[] = [
  { provide: DOCUMENT, useValue: { querySelectorAll: () => [], getElementById: () => null, cookie: '' } },
  { provide: PlatformLocation, useValue: { href: 'http://page.test/app/list', getBaseHrefFromDOM: () => '/app/' } },
];

/** Whether there is a page: Karma's. */
const hasPage: boolean = typeof document !== 'undefined';

TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());

type Given = readonly (Provider | EnvironmentProviders)[];

/** An app of these providers, and no others but Angular's own. */
export function app(...providers: Given): void {
  TestBed.configureTestingModule({ providers: [hasPage ? [] : pageless, ...providers] });
}

/** An app whose HttpClient retries, and the client. Other interceptors stand after the one that does. */
export function retryingHttp(
  strategy?: HttpRetryStrategy,
  interceptors: readonly HttpInterceptorFn[] = [],
  ...providers: Given
): HttpClient {
  app(provideHttpClient(withInterceptors([retryInterceptor(strategy), ...interceptors])), ...providers);
  return TestBed.inject(HttpClient);
}

/** Calls what calls `inject`. */
export function injected<T>(call: () => T): T {
  return TestBed.runInInjectionContext(call);
}
