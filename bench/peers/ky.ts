import ky from 'ky';

import { type Entry, fromPromise } from '../subject.js';

export const get: Entry = ({ delay }) => {
  const client = ky.create({ fetch: globalThis.fetch, retry: retry(delay) });
  return fromPromise((url) => client.get(url));
};

export const json: Entry = ({ delay }) => {
  const client = ky.create({ retry: retry(delay) });
  return fromPromise((url) => client.get(url).json());
};

export const bytes: Entry = ({ delay }) => {
  const client = ky.create({ retry: retry(delay) });
  return fromPromise((url) => client.get(url).arrayBuffer());
};

function retry(delay: number): { limit: number; delay: () => number } {
  return { limit: 2, delay: () => delay };
}
