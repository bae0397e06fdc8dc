// The platform's fetch and timers, with a retry loop written by hand.
import { setTimeout as sleep } from 'node:timers/promises';

import { type Entry, fromPromise } from '../subject.js';

export const get: Entry = () => fromPromise((url) => fetch(url));

export const json: Entry = () => fromPromise(async (url) => (await fetch(url)).json());

export const bytes: Entry = () => fromPromise(async (url) => (await fetch(url)).arrayBuffer());

export const jsonWithLoop: Entry = ({ delay }) =>
  fromPromise(async (url) => {
    for (;;) {
      const response = await fetch(url);
      if (response.ok) return response.json();
      await response.arrayBuffer();
      await sleep(delay);
    }
  });

/** A bare timer: the least that a wait can cost. */
export const pending: Entry =
  ({ delay }) =>
  () =>
  (onDone) => {
    setTimeout(onDone, delay);
  };
