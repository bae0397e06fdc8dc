import { retryBackoff } from 'backoff-rxjs';
import { fromFetch } from 'rxjs/fetch';

import { type Entry, observed } from '../contestant.js';

export const get: Entry = ({ wait }) => observed((url) => fromFetch(url).pipe(retryBackoff(options(wait))));

export const json: Entry = ({ wait }) =>
  observed((url) => fromFetch(url, { selector: readJSON }).pipe(retryBackoff(options(wait))));

export const bytes: Entry = ({ wait }) =>
  observed((url) =>
    fromFetch(url, { selector: (response) => response.arrayBuffer() }).pipe(retryBackoff(options(wait))),
  );

async function readJSON(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  await response.arrayBuffer();
  throw new Error(`The status was ${response.status}.`);
}

function options(wait: number): { initialInterval: number; maxInterval: number; maxRetries: number } {
  return { initialInterval: wait, maxInterval: wait, maxRetries: 2 };
}
