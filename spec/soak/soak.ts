import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';

import { Agent as Dispatcher } from 'undici';

import { RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { heapUsed } from '../support/garbage-collection.js';
import { AuditTotals } from './audit-totals.js';
import { Audit } from './audit.js';
import { SoakGates } from './gates.js';
import { eventually, heapAllowance, heapGrowth, leakedSince, activeResources } from './leak-checks.js';
import { plans } from './plan.js';
import { RemoteServer } from './remote-server.js';
import { send } from './send.js';
import { type SoakRow, SoakRows } from './table.js';

/** The options of a soak. It ends after `requests` requests or `seconds` seconds, whichever comes first. */
export interface SoakOptions {
  readonly seed: number;
  readonly concurrency: number;
  readonly requests: number;
  readonly seconds: number;
  /**
   * The timeout of each attempt, in ms. The default is long enough that only stalled attempts time out, whatever the
   * concurrency.
   *
   * @default 1_000
   */
  readonly timeout?: number;
  /** Whether all gates and hedging are on. @default false */
  readonly gates?: boolean;
}

/** The result of a soak. */
export interface SoakReport {
  readonly rows: ReadonlyMap<string, SoakRow>;
  readonly requests: number;
  readonly seconds: number;
  /** The growth of the heap since the first third of the requests, in bytes. */
  readonly heapGrowth: number;
  readonly violations: readonly string[];
}

/** Sends requests with a seeded mix of faults. Checks each request, and at the end that nothing has leaked. */
export async function soak({
  seed,
  concurrency,
  requests,
  seconds,
  timeout = 1_000,
  gates: hasGates = false,
}: SoakOptions): Promise<SoakReport> {
  const server = await RemoteServer.start();
  const before = activeResources();
  const agent = new Agent({ keepAlive: true });
  const dispatcher = new Dispatcher();
  const { signal } = new AbortController();
  const violations: string[] = [];
  const gates = hasGates ? new SoakGates(concurrency, violations) : undefined;
  const options = { timeout, signal, ...(gates && { strategy: gates.strategy }) };
  const clients = {
    fetch: new RetryClient(options),
    'node-fetch': new RetryClient({ ...options, fetch: nodeFetch({ agent }) }),
    undici: new RetryClient({ ...options, fetch: undiciFetch({ dispatcher }) }),
  };
  const running = new Map<unknown, Audit>();
  for (const client of Object.values(clients)) {
    client.attempts$.subscribe((event) => {
      const audit = running.get(event.attempt.context.index);
      if (audit) audit.onEvent(event);
      else {
        violations.push(
          `#${String(event.attempt.context.index)}: ${event.type} of attempt ${event.attempt.number} after the end of its request`,
        );
      }
    });
  }

  const rows = new SoakRows();
  const totals = new AuditTotals(server, rows, 2 * concurrency);
  const planned = plans(seed);
  const started = Date.now();
  let sent = 0;
  const worker = async (share: number): Promise<void> => {
    while (sent < requests * share && Date.now() - started < seconds * 1_000 * share) {
      sent += 1;
      const plan = planned.next().value;
      const audit = new Audit(plan, violations);
      const key = `${seed}-${plan.index}`;
      running.set(plan.index, audit);
      await send(clients[plan.transport], server.url(plan, key), { plan, audit });
      running.delete(plan.index);
      await totals.add(key, audit);
    }
  };
  /** Sends until this share of the soak is done, then waits until no request is under way, and checks for leaks. */
  const runShare = async (share: number): Promise<void> => {
    await Promise.all(Array.from({ length: concurrency }, () => worker(share)));
    if (!(await eventually(async () => (await server.countBusy()) === 0))) {
      violations.push(`${await server.countBusy()} connections are still busy`);
    }
    await totals.finish();
    gates?.checkIdle();
    const listeners = getEventListeners(signal, 'abort').length;
    if (listeners > 0) violations.push(`${listeners} listeners are left on a signal`);
    // The server knows the end of a connection before the client does, so both are waited for. A leak stays.
    // Without the sockets that are kept for later requests.
    const busySockets = (): number => Object.values(agent.sockets).flat().length;
    const undiciRequests = (): number =>
      Object.values(dispatcher.stats).reduce((sum, { running, pending }) => sum + running + pending, 0);
    await eventually(() => busySockets() + undiciRequests() === 0);
    if (busySockets() > 0) violations.push(`${busySockets()} sockets of the agent are still in use`);
    if (undiciRequests() > 0) violations.push(`${undiciRequests()} requests of undici are still under way`);
  };

  try {
    await runShare(1 / 3);
    // By now everything exists that is created once: pools, caches, compiled code.
    const [warm, sentBefore] = [await heapUsed(), sent];
    await runShare(1);
    const allowance = heapAllowance(sent - sentBefore);
    const growth = await heapGrowth(warm, allowance);
    if (growth > allowance) {
      violations.push(
        `the heap has grown by ${growth} bytes; ${allowance} are allowed for ${sent - sentBefore} requests`,
      );
    }
    for (const client of Object.values(clients)) client.close();
    gates?.end();
    await server.close();
    agent.destroy();
    await dispatcher.destroy();
    const left = await leakedSince(before);
    if (left.length > 0) violations.push(`these resources are left: ${left.join(', ')}`);
    return { rows, requests: sent, seconds: (Date.now() - started) / 1_000, heapGrowth: growth, violations };
  } finally {
    gates?.end();
    await server.close();
  }
}
