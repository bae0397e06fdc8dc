import type { Observable } from 'rxjs';

import {
  type AttemptEvent,
  bytes,
  constant,
  type HttpAttempt,
  json,
  RetryClient,
  type SelectorFunction,
  text,
  type Transport,
} from '../../src/index.js';
import { illegality, plot } from '../support/event-log.js';
import type { HostilePlace } from '../support/hostile-server.js';

/** How a body is read. */
export const readings = { 'no selector': undefined, 'json()': json(), 'text()': text(), 'bytes()': bytes() };
export type Reading = keyof typeof readings;

/** What is asked for; the body of a POST is `upload`. */
export const methods = { GET: {}, POST: {}, 'POST with an Idempotency-Key': { 'Idempotency-Key': 'once' } };
export type Method = keyof typeof methods;

export const ATTEMPTS = 2;
export const UPLOAD = 'upload';

/** What a request came to. */
export interface Trial {
  /** What was emitted, in order: `next`, `error`, `complete`. */
  readonly notifications: readonly string[];
  readonly value: unknown;
  readonly error: unknown;
  readonly elapsed: number;
  /** The last of the attempts' events. */
  readonly end: string | undefined;
  /** What is wrong with these events. */
  readonly illegality: string | undefined;
}

/** Makes one request, with its retries, and waits until it is over. */
export async function trial(
  place: Pick<HostilePlace, 'url'>,
  fetch: Transport | undefined,
  method: Method,
  reading: Reading,
  timeout: number,
): Promise<Trial> {
  const client = new RetryClient({ fetch, timeout, strategy: { attempts: ATTEMPTS, backoff: constant(5) } });
  const events: AttemptEvent<unknown, HttpAttempt>[] = [];
  client.attempts$.subscribe((event) => events.push(event));
  const selector = readings[reading];
  const options = { headers: methods[method], ...(method !== 'GET' && { body: UPLOAD }) };
  const verb = method === 'GET' ? 'GET' : 'POST';
  const request$: Observable<unknown> = selector
    ? client.request(verb, place.url, { ...options, selector: selector as SelectorFunction<unknown> })
    : client.request(verb, place.url, options);

  const notifications: string[] = [];
  let value: unknown;
  let error: unknown;
  const since = performance.now();
  const elapsed = await new Promise<number>((resolve) => {
    const over = (what: string): void => {
      notifications.push(what);
      resolve(performance.now() - since);
    };
    request$.subscribe({
      next: (one) => {
        notifications.push('next');
        value = one;
      },
      error: (one: unknown) => {
        error = one;
        over('error');
      },
      complete: () => {
        over('complete');
      },
    });
  });
  return {
    notifications,
    value,
    error,
    elapsed,
    get end() {
      return plot(events).at(-1);
    },
    get illegality() {
      return illegality(events);
    },
  };
}
