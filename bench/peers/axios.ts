import { Agent } from 'node:http';

import axios, { type AxiosInstance } from 'axios';
import axiosRetry from 'axios-retry';

import { type Entry, fromPromise } from '../subject.js';

export const json: Entry = ({ delay }) => {
  const client = createClient(delay);
  return fromPromise(async (url) => (await client.get<unknown>(url)).data);
};

export const bytes: Entry = ({ delay }) => {
  const client = createClient(delay);
  return fromPromise(async (url) => (await client.get<ArrayBuffer>(url, { responseType: 'arraybuffer' })).data);
};

function createClient(delay: number): AxiosInstance {
  const client = axios.create({ httpAgent: new Agent({ keepAlive: true }) });
  axiosRetry(client, { retries: 2, retryDelay: () => delay });
  return client;
}
