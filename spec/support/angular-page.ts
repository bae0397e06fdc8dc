// Angular compiles its injectables at first use. Without the build step of an app, that needs the compiler.
import '@angular/compiler';

import { PlatformLocation } from '@angular/common';
import { makeStateKey, PLATFORM_ID, type Provider, TransferState } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import type { Observable } from 'rxjs';

import { injectRetryClient, provideRetryClient } from '../../src/angular/index.js';
import type { ClientOptions, RetryClient } from '../../src/index.js';
import { app, injected, type Providers } from './angular-app.js';
import { settled } from './settled.js';

/** Makes a request of a client. */
export type Send = (client: RetryClient) => Observable<unknown>;

/** Provides the URL of the page. A server that renders without a URL has `/`. */
export function pageAt(href: string, baseHref: string | null = ''): Provider {
  return { provide: PlatformLocation, useValue: { href, getBaseHrefFromDOM: () => baseHref } };
}

/** Says that a server renders the page. */
export const onServer: Provider = { provide: PLATFORM_ID, useValue: 'server' };

/** Renders a page on a server; returns what the page brings to the browser. */
export async function rendered(send: Send, options: ClientOptions, ...providers: Providers): Promise<string> {
  app(pageAt('http://page.test/list'), onServer, provideRetryClient(options), ...providers);
  await settled(send(injected(injectRetryClient)));
  const state = TestBed.inject(TransferState).toJson();
  TestBed.resetTestingModule();
  return state;
}

/** Returns the client of the page in the browser. */
export function inBrowser(state: string, options: ClientOptions, ...providers: Providers): RetryClient {
  const restored = new TransferState();
  for (const [key, value] of Object.entries(JSON.parse(state) as Record<string, unknown>)) {
    restored.set(makeStateKey(key), value);
  }
  app(
    pageAt('http://page.test/list'),
    { provide: TransferState, useValue: restored },
    provideRetryClient(options),
    ...providers,
  );
  return injected(injectRetryClient);
}
