import { AsyncLocalStorage } from 'node:async_hooks';

import { GatewayTimeoutException } from '@nestjs/common';
import { isObservable, Observable } from 'rxjs';

import { now } from '../util/clock.js';

/** Until when the caller of the current request waits, and whether it still does. */
export interface RequestDeadline {
  /** The rest of the time, in ms; 0 when it is over, `Infinity` without a limit. */
  readonly timeLeft: number;
  /** Is aborted when the caller has left. */
  readonly signal: AbortSignal;
}

const storage = new AsyncLocalStorage<RequestDeadline | undefined>();

/**
 * Creates the deadline of a request.
 *
 * @param limit - in ms from now on; `Infinity` for none
 */
export function createDeadline(limit: number, signal: AbortSignal): RequestDeadline {
  const end = now() + limit;
  return {
    signal,
    get timeLeft() {
      return Math.max(0, end - now());
    },
  };
}

/** Runs a function, and what it starts, within a deadline. */
export function runWithin<T>(deadline: RequestDeadline, run: () => T): T {
  return storage.run(deadline, run);
}

/**
 * Returns the deadline of the request that is being handled, for work that no client of the module does: a query of a
 * database, a plain `fetch`. `undefined` outside of a request, and where no `deadlineInterceptor` is in use.
 *
 * @example
 * ```ts no-run: needs Nest
 * import { requestDeadline } from 'rxjs-retry-client/nest';
 *
 * export async function readReport(): Promise<string> {
 *   const signal = requestDeadline()?.signal;
 *   const response = await fetch('https://api.example.com/report', signal && { signal });
 *   return response.text();
 * }
 * ```
 */
export function requestDeadline(): RequestDeadline | undefined {
  return storage.getStore();
}

/**
 * Runs a function, and what it starts, without the deadline of the request: work that shall go on when the caller has
 * left, such as writing an audit log. An Observable that it returns is subscribed to without the deadline, too.
 *
 * @returns what the function returns
 *
 * @example
 * ```ts no-run: needs Nest
 * import type { RetryClient } from 'rxjs-retry-client';
 * import { withoutDeadline } from 'rxjs-retry-client/nest';
 *
 * export function audit(client: RetryClient, entry: object): void {
 *   withoutDeadline(() => client.post('audit', entry).subscribe());
 * }
 * ```
 */
export function withoutDeadline<T>(run: () => T): T {
  const result = storage.run(undefined, run);
  // A cold Observable does its work when it is subscribed to.
  return isObservable(result) ? (leaveOnSubscribe(result) as T) : result;
}

function leaveOnSubscribe(source: Observable<unknown>): Observable<unknown> {
  return new Observable((subscriber) => storage.run(undefined, () => source.subscribe(subscriber)));
}

/** The options of a request that keep it within the deadline, over those that it has. */
export function limitsOf(
  { timeLeft, signal }: RequestDeadline,
  totalTimeout: number | false | undefined,
): { readonly signal: AbortSignal; readonly totalTimeout?: number } {
  if (timeLeft <= 0) return { signal: AbortSignal.abort(new GatewayTimeoutException()) };
  const isEarlier = timeLeft < (totalTimeout === false || totalTimeout === undefined ? Infinity : totalTimeout);
  return { signal, ...(isEarlier && { totalTimeout: timeLeft }) };
}
