import { Agent } from 'node:http';

import axios, { type AxiosInstance } from 'axios';
import axiosRetry from 'axios-retry';

import { type Entry, promised } from '../contestant.js';

export const json: Entry = ({ wait }) => {
  const client = open(wait);
  return promised(async (url) => (await client.get<unknown>(url)).data);
};

export const bytes: Entry = ({ wait }) => {
  const client = open(wait);
  return promised(async (url) => (await client.get<ArrayBuffer>(url, { responseType: 'arraybuffer' })).data);
};

function open(wait: number): AxiosInstance {
  const client = axios.create({ httpAgent: new Agent({ keepAlive: true }) });
  axiosRetry(client, { retries: 2, retryDelay: () => wait });
  return client;
}
