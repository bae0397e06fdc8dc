import { getEventListeners } from 'node:events';
import { Agent } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Observable } from 'rxjs';

import { exponential, fullJitter, HttpStatusError, RetryClient } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { hostileServer } from '../support/hostile-server.js';
import { Audit } from './audit.js';
import { type Plan, plans } from './plan.js';

/** How a soak is run: it ends after so many requests, or so much time. */
export interface SoakOptions {
  readonly seed: number;
  readonly concurrency: number;
  readonly requests: number;
  readonly seconds: number;
}

/** What came of the requests of one scenario. */
export interface SoakRow {
  requests: number;
  attempts: number;
  readonly outcomes: Map<string, number>;
}

/** What a soak found. */
export interface SoakReport {
  readonly rows: ReadonlyMap<string, SoakRow>;
  readonly requests: number;
  readonly seconds: number;
  readonly violations: readonly string[];
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** Sockets and timers: what keeps a process alive, and must not be left behind. */
function resources(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind.startsWith('TCP') || kind.startsWith('TLS'));
}

/** Sends requests through a seeded mix of faults, and checks each one, and what is left at the end. */
export async function soak({ seed, concurrency, requests, seconds }: SoakOptions): Promise<SoakReport> {
  const before = resources().length;
  const server = await hostileServer();
  const agent = new Agent({ keepAlive: true });
  const shutdown = new AbortController();
  const clients = {
    fetch: new RetryClient({ timeout: 150, signal: shutdown.signal }),
    'node-fetch': new RetryClient({ timeout: 150, signal: shutdown.signal, fetch: nodeFetch({ agent }) }),
  };
  const running = new Map<number, Audit>();
  for (const client of Object.values(clients)) {
    client.attempts$.subscribe((event) => running.get(event.attempt.context.index as number)?.event(event));
  }

  const rows = new Map<string, SoakRow>();
  const violations: string[] = [];
  const all = plans(seed);
  const started = Date.now();
  let sent = 0;
  let warm: number | undefined;

  const worker = async (): Promise<void> => {
    while (sent < requests && Date.now() - started < seconds * 1_000) {
      sent += 1;
      const plan = all.next().value as Plan;
      const audit = new Audit(plan);
      running.set(plan.index, audit);
      await send(clients[plan.transport], server.url(plan.scenario, keyOf(seed, plan), { faults: plan.faults }), plan, audit);
      running.delete(plan.index);
      const key = keyOf(seed, plan);
      audit.received(server.requests(key).filter(({ scenario }) => scenario === plan.scenario).length);
      server.forget(key);
      note(rows, audit);
      violations.push(...audit.violations);
      // What is made once (pools, caches, compiled code) is there by now.
      if (warm === undefined && (sent > requests / 3 || Date.now() - started > seconds * 333)) warm = heapUsed();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));

  const listeners = getEventListeners(shutdown.signal, 'abort').length;
  if (listeners > 0) violations.push(`${String(listeners)} listeners were left at a signal`);
  for (const client of Object.values(clients)) client.close();
  await server.quiet();
  await server.close();
  agent.destroy();
  const grown = heapUsed() - (warm ?? Infinity);
  if (grown > 8 * 1024 * 1024) violations.push(`the heap has grown by ${String(Math.round(grown / 1024))} KiB since it was warm`);
  await gone(before, violations);
  return { rows, requests: sent, seconds: (Date.now() - started) / 1_000, violations };
}

function keyOf(seed: number, { index }: Plan): string {
  return `${String(seed)}-${String(index)}`;
}

function note(rows: Map<string, SoakRow>, { plan, attempts, outcome }: Audit): void {
  const row = rows.get(plan.scenario) ?? { requests: 0, attempts: 0, outcomes: new Map<string, number>() };
  rows.set(plan.scenario, row);
  row.requests += 1;
  row.attempts += attempts;
  row.outcomes.set(outcome, (row.outcomes.get(outcome) ?? 0) + 1);
  // Nothing is kept of a request but these sums.
}

/** One request: resolves when it has settled, and a body that was handed over was read or given back. */
function send(client: RetryClient, url: string, plan: Plan, audit: Audit): Promise<void> {
  return new Promise((resolve) => {
    const reading: Promise<void>[] = [];
    const settle = (how: string): void => {
      audit.settle(how);
      void Promise.all(reading).then(() => {
        resolve();
      });
    };
    const { method, idempotencyKey, attempts, totalTimeout, reads } = plan;
    const options = {
      context: { index: plan.index },
      headers: idempotencyKey ? { 'idempotency-key': String(plan.index) } : {},
      ...(method !== 'GET' && { body: `request ${String(plan.index)}` }),
      strategy: { attempts, backoff: fullJitter(exponential({ initial: 2, max: 20 })) },
      totalTimeout,
    };
    const answers: Observable<Response | Read> =
      reads === 'text' || reads === 'json' ? client.request(method, url, { ...options, selector: reader(reads) }) : client.request(method, url, options);
    const subscription = answers
      .subscribe({
        next: (value) => {
          audit.value();
          if (value instanceof Response) reading.push(use(value, reads, audit));
          else audit.body(value.text, value.status);
        },
        error: (error: unknown) => {
          // Its response is the caller's to read, or to give back.
          if (error instanceof HttpStatusError) reading.push(use(error.response, 'head', audit));
          settle(error instanceof Error ? error.name : 'an error that is none');
        },
        complete: () => {
          settle('completed');
        },
      });
    if (plan.leaves === undefined) return;
    const leaving = setTimeout(() => {
      if (subscription.closed) return;
      subscription.unsubscribe();
      settle('left');
    }, plan.leaves);
    subscription.add(() => {
      clearTimeout(leaving);
    });
  });
}

/** What a selector made of a response: the text, or the text that its JSON had. */
interface Read {
  readonly text: string;
  readonly status: number;
}

function reader(reads: 'text' | 'json'): (response: Response) => Promise<Read> {
  return async (response) => {
    const { status } = response;
    return { status, text: reads === 'text' ? await response.text() : JSON.stringify(await response.json()) };
  };
}

/** Uses a response that was handed over: what breaks off then is the caller's, what comes to an end must be whole. */
async function use(response: Response, reads: Plan['reads'], audit: Audit): Promise<void> {
  try {
    if (reads === 'head') await response.body?.cancel();
    else audit.body(await response.text(), response.status);
  } catch {
    // It broke off.
  }
}

/** Waits until all sockets and timers are gone that came with the soak; what stays is a violation. */
async function gone(before: number, violations: string[]): Promise<void> {
  // Closing takes a few turns of the event loop, and fetch's own pool forgets a closed socket a second later: there is no event to wait for.
  for (let turn = 0; turn < 100 && resources().length > before; turn += 1) await new Promise((resolve) => setTimeout(resolve, 50));
  const left = resources();
  if (left.length > before) violations.push(`these were left behind: ${left.join(', ')}`);
}
