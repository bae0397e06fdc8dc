// What the platform gives, with the loop that one would write by hand.
import { setTimeout as sleep } from 'node:timers/promises';

import { type Entry, promised } from '../contestant.js';

export const get: Entry = () => promised((url) => fetch(url));

export const json: Entry = () => promised(async (url) => (await fetch(url)).json());

export const bytes: Entry = () => promised(async (url) => (await fetch(url)).arrayBuffer());

export const jsonByHand: Entry = ({ wait }) =>
  promised(async (url) => {
    for (;;) {
      const response = await fetch(url);
      if (response.ok) return response.json();
      await response.arrayBuffer();
      await sleep(wait);
    }
  });

/** A timer, and nothing else. */
export const waiting: Entry =
  ({ wait }) =>
  () =>
  (done) => {
    setTimeout(done, wait);
  };
