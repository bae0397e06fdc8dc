import { Agent } from 'node:http';

import got, { type Got } from 'got';

import { type Entry, fromPromise } from '../subject.js';

export const json: Entry = ({ delay }) => {
  const client = createClient(delay);
  return fromPromise((url) => client.get(url).json());
};

export const bytes: Entry = ({ delay }) => {
  const client = createClient(delay);
  return fromPromise((url) => client.get(url).buffer());
};

function createClient(delay: number): Got {
  return got.extend({
    agent: { http: new Agent({ keepAlive: true }) },
    retry: { limit: 2, calculateDelay: ({ computedValue }) => (computedValue === 0 ? 0 : delay) },
  });
}
