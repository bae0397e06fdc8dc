import { Agent } from 'node:http';

import got, { type Got } from 'got';

import { type Entry, promised } from '../contestant.js';

export const json: Entry = ({ wait }) => {
  const client = open(wait);
  return promised((url) => client.get(url).json());
};

export const bytes: Entry = ({ wait }) => {
  const client = open(wait);
  return promised((url) => client.get(url).buffer());
};

function open(wait: number): Got {
  return got.extend({
    agent: { http: new Agent({ keepAlive: true }) },
    retry: { limit: 2, calculateDelay: ({ computedValue }) => (computedValue === 0 ? 0 : wait) },
  });
}
