import pRetry from 'p-retry';

import { type Entry, promised } from '../contestant.js';

export const get: Entry = ({ wait }) => promised((url) => pRetry(() => fetch(url), options(wait)));

export const json: Entry = ({ wait }) =>
  promised((url) =>
    pRetry(async () => {
      const response = await fetch(url);
      if (response.ok) return response.json();
      await response.arrayBuffer();
      throw new Error(`The status was ${response.status}.`);
    }, options(wait)),
  );

export const bytes: Entry = ({ wait }) =>
  promised((url) => pRetry(async () => (await fetch(url)).arrayBuffer(), options(wait)));

export const waiting: Entry = ({ wait, failing }) =>
  promised(() =>
    pRetry(() => {
      if (failing()) throw new Error('busy');
      return true;
    }, options(wait)),
  );

function options(wait: number): { retries: number; minTimeout: number; maxTimeout: number; factor: number } {
  return { retries: 2, minTimeout: wait, maxTimeout: wait, factor: 1 };
}
