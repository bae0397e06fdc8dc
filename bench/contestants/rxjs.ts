// What RxJS brings along.
import { defer, mergeMap, of, retry, throwError, timer } from 'rxjs';
import { fromFetch } from 'rxjs/fetch';

import { type Entry, observed } from '../contestant.js';

export const get: Entry = () => observed((url) => fromFetch(url));

export const getWithRetry: Entry = ({ wait }) =>
  observed((url) => fromFetch(url).pipe(retry({ count: 2, delay: () => timer(wait) })));

export const json: Entry = () => observed((url) => fromFetch(url, { selector: (response) => response.json() }));

export const bytes: Entry = () => observed((url) => fromFetch(url, { selector: (response) => response.arrayBuffer() }));

export const jsonWithRetry: Entry = ({ wait }) =>
  observed((url) => fromFetch(url, { selector: readJSON }).pipe(retry({ count: 2, delay: () => timer(wait) })));

export const bytesWithRetry: Entry = ({ wait }) =>
  observed((url) =>
    fromFetch(url, { selector: (response) => response.arrayBuffer() }).pipe(
      retry({ count: 2, delay: () => timer(wait) }),
    ),
  );

/** RxJS's retry sees errors alone; what is discarded must be read to its end, or its connection is lost. */
async function readJSON(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  await response.arrayBuffer();
  throw new Error(`The status was ${response.status}.`);
}

export const waiting: Entry = ({ wait, failing }) =>
  observed(() =>
    defer(() => (failing() ? throwError(() => new Error('busy')) : of(true))).pipe(
      retry({ count: 2, delay: () => timer(wait) }),
    ),
  );

/** The same work as a client has, without a timeout: the response comes later, by a promise. */
export const fetchWaiting: Entry = ({ wait }) =>
  observed((url) =>
    defer(() => fetch(url)).pipe(
      mergeMap((response) => (response.ok ? of(response) : throwError(() => new Error('busy')))),
      retry({ count: 2, delay: () => timer(wait) }),
    ),
  );
