// node-fetch with an agent that keeps connections alive, and a retry loop written by hand.
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import fetch from 'node-fetch';

import { type Entry, fromPromise } from '../subject.js';

const agent = new Agent({ keepAlive: true });

export const json: Entry = () => fromPromise(async (url) => (await fetch(url, { agent })).json());

export const bytes: Entry = () => fromPromise(async (url) => (await fetch(url, { agent })).arrayBuffer());

export const jsonWithLoop: Entry = ({ delay }) =>
  fromPromise(async (url) => {
    for (;;) {
      const response = await fetch(url, { agent });
      if (response.ok) return response.json();
      await response.arrayBuffer();
      await sleep(delay);
    }
  });
