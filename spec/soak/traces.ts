import { setTimeout as wait } from 'node:timers/promises';

import { heapUsed } from '../support/garbage.js';

/** What a busy machine may need to close what is to be closed, in ms. */
const PATIENCE = 20_000;

/** Sockets, lookups and timers: what keeps a process alive, and must not be left behind. */
export function resources(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => /^(?:Timeout|TCP|TLS|GetAddrInfo)/.test(kind));
}

/**
 * Waits until no more sockets and timers are left than there were before; returns those that stay.
 *
 * @param before - what {@link resources} returned
 */
export async function leftSince(before: readonly string[]): Promise<readonly string[]> {
  const left = (): readonly string[] => {
    const old = [...before];
    return resources().filter((kind) => {
      const at = old.indexOf(kind);
      if (at >= 0) old.splice(at, 1);
      return at < 0;
    });
  };
  // Closing takes some turns of the event loop, and there is no event for the last of them.
  await comes(() => left().length === 0);
  return left();
}

/** Waits until this holds, or it is plain that it never will; returns whether it does. */
export async function comes(holds: () => boolean | Promise<boolean>): Promise<boolean> {
  const until = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > until) return false;
    await wait(20);
  }
  return true;
}

/** What a heap may grow by for reasons that are nobody's: compiled code, buffers in pools. */
const BREATH = 6 * 1024 * 1024;
/** Nothing that is kept of each request is as small. */
const PER_REQUEST = 128;

/** The bytes that so many requests may have left on the heap. */
export function heapAllowance(requests: number): number {
  return BREATH + PER_REQUEST * requests;
}

/** By how much the heap has grown, in bytes: what takes long to become garbage gets the time. */
export async function heapGrowth(since: number, allowance: number): Promise<number> {
  let growth = 0;
  for (let round = 0; round < 5; round += 1) {
    growth = (await heapUsed()) - since;
    if (growth <= allowance) break;
    await wait(500);
  }
  return growth;
}
