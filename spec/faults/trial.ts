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
import { findSequenceViolation, plot } from '../support/attempt-events.js';
import type { HostilePort } from '../support/hostile-server.js';

/** The ways to read a body, by name. */
export const readings = { 'no selector': undefined, 'json()': json(), 'text()': text(), 'bytes()': bytes() };
export type Reading = keyof typeof readings;

/** The methods by name, with the headers of each. The body of a POST is {@link UPLOAD}. */
export const methods = { GET: {}, POST: {}, 'POST with an Idempotency-Key': { 'Idempotency-Key': 'once' } };
export type Method = keyof typeof methods;

export const ATTEMPTS = 2;
export const UPLOAD = 'upload';

/** The result of one request. */
export interface Trial {
  /** The notifications in order: `next`, `error`, `complete`. */
  readonly notifications: readonly string[];
  readonly value: unknown;
  readonly error: unknown;
  /** The time until it completed or failed, in ms. */
  readonly elapsed: number;
  /** The last event of the attempts until now. */
  readonly end: string | undefined;
  /** The first violation of the order of these events, if there is one. */
  readonly sequenceViolation: string | undefined;
}

/** Sends one request with its retries, and resolves when it has ended. */
export async function trial(
  port: Pick<HostilePort, 'url'>,
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
    ? client.request(verb, port.url, { ...options, selector: selector as SelectorFunction<unknown> })
    : client.request(verb, port.url, options);

  const notifications: string[] = [];
  let value: unknown;
  let error: unknown;
  const startedAt = performance.now();
  const elapsed = await new Promise<number>((resolve) => {
    const finish = (notification: string): void => {
      notifications.push(notification);
      resolve(performance.now() - startedAt);
    };
    request$.subscribe({
      next: (emitted) => {
        notifications.push('next');
        value = emitted;
      },
      error: (thrown: unknown) => {
        error = thrown;
        finish('error');
      },
      complete: () => {
        finish('complete');
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
    get sequenceViolation() {
      return findSequenceViolation(events);
    },
  };
}
