// The page that `when-online.chromium.node.spec.ts` takes offline. The spec calls what `globalThis.app` has.
import '@angular/compiler';

import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { provideZonelessChangeDetection, runInInjectionContext } from '@angular/core';
import { createApplication } from '@angular/platform-browser';
import { tap } from 'rxjs';

import {
  injectAttempts,
  injectAttemptsSignal,
  provideRetryStrategy,
  retryInterceptor,
} from '../../src/angular/index.js';
import {
  constant,
  download,
  RetryClient,
  type RetryStrategy,
  serverSentEvents,
  text,
  whenOnline,
} from '../../src/index.js';

/** The longest time between `online` and a request, in ms. */
const SPREAD_MS = 200;

/** What a request has done until now, one line each: `start 1`, `hold 2`, `value ok`. */
type Log = readonly string[];

/** Puts a gate, and clients that pass it, on the page. */
function load(): void {
  const gate = whenOnline({ spread: SPREAD_MS });
  const strategy: RetryStrategy = { gates: [gate], backoff: constant(20) };
  const client = new RetryClient({ strategy });
  /** When the page came back, on the page's clock. */
  let backAt = NaN;
  addEventListener('online', () => {
    backAt = performance.now();
  });

  const send = (path: string, kind: 'text' | 'events' | 'file', backoff: number): Log => {
    const log: string[] = [];
    const selector = {
      text: text(),
      events: serverSentEvents(),
      file: download(),
    }[kind];
    client
      .get<unknown>(path, { selector, observe: 'attempts', strategy: { backoff: constant(backoff) } })
      .pipe(
        tap((event) => {
          if (event.type === 'response' || event.type === 'success') return;
          const late = event.type === 'start' && performance.now() - backAt > SPREAD_MS + 2_000 ? ' late' : '';
          log.push(
            event.type === 'value' ? describeValue(event.value) : `${event.type} ${event.attempt.number}${late}`,
          );
        }),
      )
      .subscribe({ error: (error: unknown) => log.push(String(error)) });
    return log;
  };

  const angular = async (path: string): Promise<() => unknown> => {
    const { injector } = await createApplication({
      providers: [provideZonelessChangeDetection(), provideHttpClient(withInterceptors([retryInterceptor(strategy)]))],
    });
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it is Angular's own
    const running = runInInjectionContext(injector, injectAttemptsSignal);
    injector.get(HttpClient).get(path, { responseType: 'text' }).subscribe();
    return () => running().map(({ waiting, held, attempt: { number } }) => ({ waiting, held, number }));
  };

  /** Sends requests by HttpClient, as the guide sets it up; their backoff is an hour. */
  const sendByHttpClient = async (): Promise<(path: string) => Log> => {
    const { injector } = await createApplication({
      providers: [
        provideZonelessChangeDetection(),
        provideHttpClient(withInterceptors([retryInterceptor()])),
        provideRetryStrategy({ gates: [gate], backoff: constant(3_600_000) }),
      ],
    });
    const log: string[] = [];
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it is Angular's own, and never errors
    runInInjectionContext(injector, injectAttempts).subscribe(({ type, attempt: { number, url } }) => {
      if (type === 'response' || type === 'value' || type === 'success') return;
      const late = type === 'start' && performance.now() - backAt > SPREAD_MS + 2_000 ? ' late' : '';
      log.push(`${new URL(url).pathname.replace(/.*\//, '')} ${type} ${number}${late}`);
    });
    return (path) => {
      injector
        .get(HttpClient)
        .get(path, { responseType: 'text' })
        .subscribe((body) => log.push(`${path} ${body}`));
      return log;
    };
  };

  Object.assign(globalThis, { app: { gate, send, angular, sendByHttpClient } });
}

function describeValue(value: unknown): string {
  if (typeof value === 'string') return `value ${value}`;
  const { data, type, bytes } = value as { data?: string; type?: string; bytes?: Uint8Array };
  if (data !== undefined) return `value ${data}`;
  return type === 'done' ? `value ${new TextDecoder().decode(bytes)}` : 'progress';
}

Object.assign(globalThis, { load, whenOnlineGate: whenOnline });
