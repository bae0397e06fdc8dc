import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';

import { Agent as Dispatcher } from 'undici';

import { RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { heapUsed } from '../support/garbage.js';
import { Audit } from './audit.js';
import { plans } from './plan.js';
import { Reckoning } from './reckoning.js';
import { RemoteServer } from './remote-server.js';
import { send } from './send.js';
import { type SoakRow, SoakRows } from './table.js';
import { comes, heapAllowance, heapGrowth, leftSince, resources } from './traces.js';

/** How a soak is run: it ends after so many requests, or so much time. */
export interface SoakOptions {
  readonly seed: number;
  readonly concurrency: number;
  readonly requests: number;
  readonly seconds: number;
  /** Of each attempt, in ms: what stalls takes so long. @default 1_000, so that timeouts are seldom elsewhere, however much is on its way */
  readonly timeout?: number;
}

/** What a soak found. */
export interface SoakReport {
  readonly rows: ReadonlyMap<string, SoakRow>;
  readonly requests: number;
  readonly seconds: number;
  /** In bytes, since the first third of the requests. */
  readonly heapGrowth: number;
  readonly violations: readonly string[];
}

/** Sends requests through a seeded mix of faults, and checks each one, and what is left at the end. */
export async function soak({
  seed,
  concurrency,
  requests,
  seconds,
  timeout = 1_000,
}: SoakOptions): Promise<SoakReport> {
  const server = await RemoteServer.start();
  const before = resources();
  const agent = new Agent({ keepAlive: true });
  const dispatcher = new Dispatcher();
  const { signal } = new AbortController();
  const clients = {
    fetch: new RetryClient({ timeout, signal }),
    'node-fetch': new RetryClient({ timeout, signal, fetch: nodeFetch({ agent }) }),
    undici: new RetryClient({ timeout, signal, fetch: undiciFetch({ dispatcher }) }),
  };
  const violations: string[] = [];
  const running = new Map<unknown, Audit>();
  for (const client of Object.values(clients)) {
    client.attempts$.subscribe((event) => {
      const audit = running.get(event.attempt.context.index);
      if (audit) audit.event(event);
      else {
        violations.push(
          `#${String(event.attempt.context.index)}: ${event.type} of attempt ${event.attempt.number} when all was over`,
        );
      }
    });
  }

  const rows = new SoakRows();
  const reckoning = new Reckoning(server, rows, 2 * concurrency);
  const all = plans(seed);
  const started = Date.now();
  let sent = 0;
  const worker = async (share: number): Promise<void> => {
    while (sent < requests * share && Date.now() - started < seconds * 1_000 * share) {
      sent += 1;
      const plan = all.next().value;
      const audit = new Audit(plan, violations);
      const key = `${seed}-${plan.index}`;
      running.set(plan.index, audit);
      await send(clients[plan.transport], server.url(plan, key), { plan, audit });
      running.delete(plan.index);
      await reckoning.add(key, audit);
    }
  };
  /** Goes on until this share of the soak is done, and nothing is on its way any more. */
  const round = async (share: number): Promise<void> => {
    await Promise.all(Array.from({ length: concurrency }, () => worker(share)));
    if (!(await comes(async () => (await server.busy()) === 0))) {
      violations.push(`${await server.busy()} connections are still busy`);
    }
    await reckoning.finish();
    const listeners = getEventListeners(signal, 'abort').length;
    if (listeners > 0) violations.push(`${listeners} listeners are left at a signal`);
    // Those that are kept for the next request are not among these.
    const sockets = Object.values(agent.sockets).flat().length;
    if (sockets > 0) violations.push(`${sockets} sockets of the agent's are still in use`);
    const left = Object.values(dispatcher.stats).reduce((sum, { running, pending }) => sum + running + pending, 0);
    if (left > 0) violations.push(`${left} requests of undici's are still under way`);
  };

  try {
    await round(1 / 3);
    // What is made once is there by now: pools, caches, compiled code.
    const [warm, sentBefore] = [await heapUsed(), sent];
    await round(1);
    const allowance = heapAllowance(sent - sentBefore);
    const growth = await heapGrowth(warm, allowance);
    if (growth > allowance) {
      violations.push(`the heap has grown by ${growth} bytes, ${sent - sentBefore} requests may take ${allowance}`);
    }
    for (const client of Object.values(clients)) client.close();
    await server.close();
    agent.destroy();
    await dispatcher.destroy();
    const left = await leftSince(before);
    if (left.length > 0) violations.push(`these are left behind: ${left.join(', ')}`);
    return { rows, requests: sent, seconds: (Date.now() - started) / 1_000, heapGrowth: growth, violations };
  } finally {
    await server.close();
  }
}
