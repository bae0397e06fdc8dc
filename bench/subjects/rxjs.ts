// RxJS alone: fromFetch and retry.
import { defer, mergeMap, of, retry, throwError, timer } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';

import { type Entry, fromObservable } from '../subject.js';

export const get: Entry = () => fromObservable((url) => fromFetch(url));

export const getWithRetry: Entry = ({ delay }) =>
  fromObservable((url) => fromFetch(url).pipe(retry({ count: 2, delay: () => timer(delay) })));

export const json: Entry = () => fromObservable((url) => fromFetch(url, { selector: (response) => response.json() }));

export const bytes: Entry = () =>
  fromObservable((url) => fromFetch(url, { selector: (response) => response.arrayBuffer() }));

export const jsonWithRetry: Entry = ({ delay }) =>
  fromObservable((url) => fromFetch(url, { selector: readJSON }).pipe(retry({ count: 2, delay: () => timer(delay) })));

export const bytesWithRetry: Entry = ({ delay }) =>
  fromObservable((url) =>
    fromFetch(url, { selector: (response) => response.arrayBuffer() }).pipe(
      retry({ count: 2, delay: () => timer(delay) }),
    ),
  );

/**
 * Turns an error status into an error, since RxJS's retry reacts to errors only. An unread body would cost its
 * connection.
 */
async function readJSON(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  await response.arrayBuffer();
  throw new Error(`status ${response.status}`);
}

export const pending: Entry = ({ delay, isFailing }) =>
  fromObservable(() =>
    defer(() => (isFailing() ? throwError(() => new Error('busy')) : of(true))).pipe(
      retry({ count: 2, delay: () => timer(delay) }),
    ),
  );

/** The work of a client without a timeout: the response comes by a promise, so later than the subscription. */
export const pendingFetch: Entry = ({ delay }) =>
  fromObservable((url) =>
    defer(() => fetch(url)).pipe(
      mergeMap((response) => (response.ok ? of(response) : throwError(() => new Error('busy')))),
      retry({ count: 2, delay: () => timer(delay) }),
    ),
  );
