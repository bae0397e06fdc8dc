// Angular compiles its injectables at first use. Without the build step of an app, that needs the compiler.
import '@angular/compiler';
import { DOCUMENT, PlatformLocation } from '@angular/common';
import { HttpClient, type HttpInterceptorFn, provideHttpClient, withInterceptors } from '@angular/common/http';
import { type EnvironmentProviders, type Provider } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';

import { type HttpRetryStrategy, retryInterceptor } from '../../src/angular/index.js';

/** The parts of a document that Angular uses even in an app without views. Node has no document. */
const pageProviders: Provider[] = [
  { provide: DOCUMENT, useValue: { querySelectorAll: () => [], getElementById: () => null, cookie: '' } },
  { provide: PlatformLocation, useValue: { href: 'http://page.test/app/list', getBaseHrefFromDOM: () => '/app/' } },
];

/** Whether the specs run in Karma's page. */
const hasPage: boolean = typeof document !== 'undefined';

TestBed.initTestEnvironment(BrowserTestingModule, platformBrowserTesting());

/** What an app can be configured with. */
export type Providers = readonly (Provider | EnvironmentProviders)[];

/** Configures an app with these providers, and with Angular's own. */
export function app(...providers: Providers): void {
  TestBed.configureTestingModule({ providers: [hasPage ? [] : pageProviders, ...providers] });
}

/**
 * Configures an app whose HttpClient retries, and returns that client. The given interceptors run after the one that
 * retries.
 */
export function retryingHttp(
  strategy?: HttpRetryStrategy,
  interceptors: readonly HttpInterceptorFn[] = [],
  ...providers: Providers
): HttpClient {
  app(provideHttpClient(withInterceptors([retryInterceptor(strategy), ...interceptors])), ...providers);
  return TestBed.inject(HttpClient);
}

/** Runs a function that calls `inject`. */
export function injected<T>(call: () => T): T {
  return TestBed.runInInjectionContext(call);
}
