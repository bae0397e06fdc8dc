import { setTimeout as wait } from 'node:timers/promises';

import { heapUsed } from '../support/garbage-collection.js';

/** The time that a busy machine may need to close its connections, in ms. */
const CLOSE_TIMEOUT_MS = 20_000;

/** Returns the sockets, lookups and timers that keep the process alive. A soak must leave none. */
export function activeResources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => /^(?:Timeout|TCP|TLS|GetAddrInfo)/.test(kind));
}

/**
 * Waits until no more resources are active than before, and returns those that remain.
 *
 * @param before - an earlier result of {@link activeResources}
 */
export async function leakedSince(before: readonly string[]): Promise<readonly string[]> {
  const left = (): readonly string[] => {
    const old = [...before];
    return activeResources().filter((kind) => {
      const at = old.indexOf(kind);
      if (at >= 0) old.splice(at, 1);
      return at < 0;
    });
  };
  // Closing takes some turns of the event loop, without an event at the end.
  await eventually(() => left().length === 0);
  return left();
}

/** Waits until a condition is true, at most {@link CLOSE_TIMEOUT_MS}. Returns whether it became true. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + CLOSE_TIMEOUT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) return false;
    await wait(20);
  }
  return true;
}

/** The growth of the heap that is no leak, in bytes: compiled code, buffers in pools. */
const BASE_ALLOWANCE_BYTES = 6 * 1024 * 1024;
/** In bytes. Anything that leaks with each request is larger. */
const BYTES_PER_REQUEST = 128;

/** Returns the allowed growth of the heap after this number of requests, in bytes. */
export function heapAllowance(requests: number): number {
  return BASE_ALLOWANCE_BYTES + BYTES_PER_REQUEST * requests;
}

/**
 * Returns the growth of the heap in bytes. If it exceeds the allowance, it waits for slow garbage, and measures again.
 */
export async function heapGrowth(since: number, allowance: number): Promise<number> {
  let growth = 0;
  for (let round = 0; round < 5; round += 1) {
    growth = (await heapUsed()) - since;
    if (growth <= allowance) break;
    await wait(500);
  }
  return growth;
}
