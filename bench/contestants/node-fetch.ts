// node-fetch behind an agent that keeps connections alive, with the loop that one would write by hand.
import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import fetch from 'node-fetch';

import { type Entry, promised } from '../contestant.js';

const agent = new Agent({ keepAlive: true });

export const json: Entry = () => promised(async (url) => (await fetch(url, { agent })).json());

export const bytes: Entry = () => promised(async (url) => (await fetch(url, { agent })).arrayBuffer());

export const jsonByHand: Entry = ({ wait }) =>
  promised(async (url) => {
    for (;;) {
      const response = await fetch(url, { agent });
      if (response.ok) return response.json();
      await response.arrayBuffer();
      await sleep(wait);
    }
  });
