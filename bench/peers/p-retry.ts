import pRetry from 'p-retry';

import { type Entry, fromPromise } from '../subject.js';

export const get: Entry = ({ delay }) => fromPromise((url) => pRetry(() => fetch(url), options(delay)));

export const json: Entry = ({ delay }) =>
  fromPromise((url) =>
    pRetry(async () => {
      const response = await fetch(url);
      if (response.ok) return response.json();
      await response.arrayBuffer();
      throw new Error(`status ${response.status}`);
    }, options(delay)),
  );

export const bytes: Entry = ({ delay }) =>
  fromPromise((url) => pRetry(async () => (await fetch(url)).arrayBuffer(), options(delay)));

export const pending: Entry = ({ delay, isFailing }) =>
  fromPromise(() =>
    pRetry(() => {
      if (isFailing()) throw new Error('busy');
      return true;
    }, options(delay)),
  );

function options(delay: number): { retries: number; minTimeout: number; maxTimeout: number; factor: number } {
  return { retries: 2, minTimeout: delay, maxTimeout: delay, factor: 1 };
}
