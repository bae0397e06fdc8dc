import ky from 'ky';

import { type Entry, promised } from '../contestant.js';

export const get: Entry = ({ wait }) => {
  const client = ky.create({ fetch: globalThis.fetch, retry: retry(wait) });
  return promised((url) => client.get(url));
};

export const json: Entry = ({ wait }) => {
  const client = ky.create({ retry: retry(wait) });
  return promised((url) => client.get(url).json());
};

export const bytes: Entry = ({ wait }) => {
  const client = ky.create({ retry: retry(wait) });
  return promised((url) => client.get(url).arrayBuffer());
};

function retry(wait: number): { limit: number; delay: () => number } {
  return { limit: 2, delay: () => wait };
}
