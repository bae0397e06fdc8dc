import { retryBackoff } from 'backoff-rxjs';
import { fromFetch } from 'rxjs/fetch';

import { type Entry, fromObservable } from '../subject.js';

export const get: Entry = ({ delay }) => fromObservable((url) => fromFetch(url).pipe(retryBackoff(options(delay))));

export const json: Entry = ({ delay }) =>
  fromObservable((url) => fromFetch(url, { selector: readJSON }).pipe(retryBackoff(options(delay))));

export const bytes: Entry = ({ delay }) =>
  fromObservable((url) =>
    fromFetch(url, { selector: (response) => response.arrayBuffer() }).pipe(retryBackoff(options(delay))),
  );

async function readJSON(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  await response.arrayBuffer();
  throw new Error(`status ${response.status}`);
}

function options(delay: number): { initialInterval: number; maxInterval: number; maxRetries: number } {
  return { initialInterval: delay, maxInterval: delay, maxRetries: 2 };
}
