import '@angular/compiler';

import { asyncScheduler } from 'rxjs';

import { retryContext } from '../../../src/angular/index.js';
import {
  constant,
  defineGate,
  type Gate,
  type GateAttempt,
  RetryClient,
  type RetryStrategy,
} from '../../../src/index.js';
import { retryingHttp } from '../../support/angular-app.js';
import { angularNetwork } from '../../support/angular-network.js';
import { formatEvent, watch } from '../../support/event-log.js';
import { type Answer, bodiless, network } from '../../support/scripted-network.js';
import { inVirtualTime } from '../../support/virtual-time.js';

const [a, b, c] = ['http://a.test/', 'http://b.test/', 'http://c.test/'] as const;
const after = (seconds: number): Answer => bodiless(503, { 'retry-after': String(seconds) });

/** A gate with the delays of places, in ms; a place that is not listed has none. */
function delaying(delays: Readonly<Record<string, number>>, asked: string[] = []): Gate {
  return defineGate({
    name: 'gate',
    delay: ({ number, url = '' }) => {
      asked.push(`${String(number)} ${url}`);
      return delays[url] ?? 0;
    },
  });
}

/** The time and the URL of each attempt, then the reason of the failure if there is one. */
function attempts(
  urls: readonly string[],
  gates: readonly Gate[],
  answers: readonly Answer[],
  strategy: RetryStrategy = {},
) {
  return inVirtualTime(({ flush }) => {
    const lines: string[] = [];
    const client = new RetryClient({
      interceptors: [network(...answers).interceptor],
      strategy: { gates, backoff: constant(10), random: () => 0, ...strategy },
    });
    client.attempts$.subscribe((event) => {
      if (event.type === 'start') lines.push(`${String(event.attempt.startedAt)} ${event.attempt.url}`);
      if (event.type === 'failure') lines.push(`${event.reason} ${event.gate ?? ''}`.trim());
    });
    client.get(urls).subscribe({ error: () => undefined });
    flush();
    return lines;
  });
}

describe('The place of an attempt', () => {
  it('is the first in turn without a gate’s delay; passing over uses no attempt', () => {
    expect(attempts([a, b], [delaying({ [a]: 500 })], [200])).toEqual([`0 ${b}`]);
    expect(attempts([a, b], [delaying({ [a]: 500 })], [503, 503, 200])).toEqual([`0 ${b}`, `10 ${b}`, `20 ${b}`]);
    expect(attempts([a, b, c], [delaying({ [b]: 500 })], [503, 503, 200])).toEqual([`0 ${a}`, `10 ${c}`, `20 ${a}`]);
  });

  it('is the one with the least delay if gates delay all of them', () => {
    // The first attempt waits for nothing: its gates admit, hold or reject it.
    expect(attempts([a, b, c], [delaying({ [a]: 900, [b]: 300, [c]: 500 })], [200])).toEqual([`0 ${b}`]);
    expect(attempts([a, b], [delaying({ [a]: 300, [b]: 300 })], [200])).toEqual([`0 ${a}`]);
    const busyForRetries = defineGate({
      name: 'gate',
      delay: ({ number, url }) => (number === 1 ? 0 : url === a ? 400 : 300),
    });
    // It is asked again after the wait, and waits on: the gate never gets less.
    expect(attempts([a, b], [busyForRetries], [503, 200], { maxRetryAfter: 500 })).toEqual([`0 ${a}`, 'rejected gate']);
  });

  it('is not looked for beyond the first without a delay', () => {
    const asked: string[] = [];
    attempts([a, b, c], [delaying({ [a]: 5 }, asked)], [200]);
    expect(asked).toEqual([`1 ${a}`, `1 ${b}`]);
  });

  it('is one whose delay fits the deadline, though others’ do not', () => {
    const gate = defineGate({
      name: 'gate',
      delay: ({ number, url, startedAt }) =>
        number === 1 || startedAt > 0 ? 0 : url === a ? 300 : url === b ? 50 : 400,
    });
    const lines = inVirtualTime(({ flush }) => {
      const { interceptor } = network(503, 200);
      const client = new RetryClient({
        interceptors: [interceptor],
        totalTimeout: 200,
        strategy: { gates: [gate], backoff: constant(10), random: () => 0 },
      });
      const { lines } = watch(client.attempts$, (event) => `${event.type} ${event.attempt.url}`);
      client.get([a, b, c]).subscribe();
      flush();
      return lines.filter((line) => line.includes(' start '));
    });
    expect(lines[0]).toBe(`0 start ${a}`);
    expect(lines[1]).toMatch(/^50 start/);
  });

  it('has its own gate named where several delay it, though another place was asked last', () => {
    const lines = inVirtualTime(({ flush }) => {
      const gateOf = (name: string, at: string, delay: number): Gate =>
        defineGate({
          name,
          delay: ({ number, url }) => (number > 1 && asyncScheduler.now() === 10 && url === at ? delay : 0),
        });
      const gates = [gateOf('of b', b, 30), gateOf('of a', a, 90)];
      const client = new RetryClient({
        interceptors: [network(503, 200).interceptor],
        strategy: { gates, backoff: constant(10), random: () => 0 },
      });
      const { lines } = watch(client.attempts$, formatEvent);
      client.get([a, b]).subscribe();
      flush();
      return lines.filter((line) => / (hold|start) /.test(line));
    });
    expect(lines).toEqual(['0 start 1/3', '10 hold 2 of b', '40 start 2/3']);
  });

  it('is delayed by the longest delay of several gates', () => {
    const gates = [delaying({ [a]: 100, [b]: 900 }), delaying({ [a]: 800, [b]: 200 })];
    expect(attempts([a, b], gates, [200])).toEqual([`0 ${a}`]);
    expect(attempts([a, b], [gates[0]!], [200])).toEqual([`0 ${a}`]);
    expect(attempts([a, b], [gates[1]!], [200])).toEqual([`0 ${b}`]);
  });

  it('is preferred with a delay over one whose gates never let it in', () => {
    expect(attempts([a, b], [delaying({ [a]: Infinity, [b]: 59_000 })], [200])).toEqual([`0 ${b}`]);
    expect(attempts([a, b], [delaying({ [a]: Infinity, [b]: Infinity })], [200])).toEqual([`0 ${a}`]);
  });

  it('is asked for with a draft of the attempt that would go there, which changes nothing', () => {
    const seen: GateAttempt[] = [];
    const gate = defineGate({ name: 'gate', delay: (attempt) => (seen.push(attempt), attempt.url === c ? 0 : 5) });
    expect(attempts([a, b, c], [gate], [503, 200])).toEqual([`0 ${c}`, `10 ${c}`]);
    expect(seen.map(({ number, url }) => `${String(number)} ${url ?? ''}`).slice(0, 3)).toEqual([
      `1 ${a}`,
      `1 ${b}`,
      `1 ${c}`,
    ]);
    expect(seen.every(({ of, method, context }) => of === 3 && method === 'GET' && context !== undefined)).toBeTrue();
    expect(new Set(seen.map(({ requestId }) => requestId)).size).toBe(1);
  });

  it('is the same attempt object in all questions, in admit and in the events', () => {
    inVirtualTime(({ flush }) => {
      const seen = new Map<string, Set<unknown>>();
      const see = (attempt: GateAttempt): void => {
        const key = `${String(attempt.number)} ${attempt.url ?? ''}`;
        seen.set(key, (seen.get(key) ?? new Set()).add(attempt));
      };
      const gate = defineGate({
        name: 'gate',
        // Asked when the retry is planned, and once more when its wait is over.
        delay: (attempt) => {
          if (attempt.number === 1) see(attempt);
          return attempt.url === a ? 5 : 0;
        },
        admit: (attempt) => (see(attempt), undefined),
        next: ({ attempt }) => {
          see(attempt);
        },
      });
      const client = new RetryClient({
        interceptors: [network(503, 200).interceptor],
        strategy: { gates: [gate], backoff: constant(5) },
      });
      client.attempts$.subscribe(({ attempt }) => {
        see(attempt);
      });
      client.get([a, b]).subscribe();
      flush();
      expect([...seen.keys()]).toEqual([`1 ${a}`, `1 ${b}`, `2 ${b}`]);
      expect([...seen.values()].map(({ size }) => size)).toEqual([1, 1, 1]);
    });
  });

  it('is the same attempt object also where another place was asked after it', () => {
    inVirtualTime(({ flush }) => {
      const seen = new Set<unknown>();
      const see = (attempt: GateAttempt): void => {
        if (attempt.url === a) seen.add(attempt);
      };
      const gate = defineGate({
        name: 'gate',
        delay: (attempt) => (see(attempt), attempt.url === a ? 5 : 9),
        next: ({ attempt }) => {
          see(attempt);
        },
      });
      const client = new RetryClient({ interceptors: [network(200).interceptor], strategy: { gates: [gate] } });
      client.get([a, b]).subscribe();
      flush();
      expect(seen.size).toBe(1);
    });
  });

  it('is not one whose body was sent already, though a gate delays the other', () => {
    const lines = inVirtualTime(({ flush }) => {
      const gate = delaying({ [b]: 50 });
      const client = new RetryClient({
        interceptors: [network(503, 200).interceptor],
        strategy: { gates: [gate], backoff: constant(10), random: () => 0, maxRetryAfter: 200 },
      });
      const { lines } = watch(client.attempts$, ({ type, attempt }) => `${type} ${attempt.url}`);
      client
        .requests([
          { method: 'PUT', url: a, body: new ReadableStream() },
          { method: 'PUT', url: b, body: 'text' },
        ])
        .subscribe({ error: () => undefined });
      flush();
      return lines;
    });
    expect(lines.slice(0, 5)).toEqual([
      ...[`0 start ${a}`, `0 response ${a}`, `0 retry ${a}`],
      // This gate asks for 50 ms each time, until the request may not wait any longer.
      ...[`50 hold ${b}`, `200 failure ${b}`],
    ]);
  });

  it('is passed over by a Retry-After beyond maxRetryAfter alone; one within it is waited for', () => {
    expect(attempts([a, b], [delaying({})], [after(100), 503, 200])).toEqual([`0 ${a}`, `10 ${b}`, `20 ${b}`]);
    expect(attempts([a], [delaying({})], [after(30), 200])).toEqual([`0 ${a}`, `30000 ${a}`]);
    // Both servers ask for time: b, which is next, is waited for though a's is over sooner.
    expect(attempts([a, b], [delaying({})], [after(5), after(2), 200], { rotation: 'hold' })).toEqual([
      `0 ${a}`,
      `10 ${b}`,
      `2010 ${b}`,
    ]);
  });

  it('that asks for time by Retry-After is preferred to one that a gate delays', () => {
    const gate = defineGate({ name: 'gate', delay: ({ number, url }) => (number > 2 && url === b ? 50 : 0) });
    expect(attempts([a, b], [gate], [after(30), 503, 200])).toEqual([`0 ${a}`, `10 ${b}`, `30000 ${a}`]);
  });

  it('stays the last one with rotation: hold', () => {
    expect(attempts([a, b], [delaying({ [a]: 500 })], [503, 200], { rotation: 'hold' })).toEqual([`0 ${b}`, `10 ${b}`]);
    const gate = defineGate({ name: 'gate', delay: ({ number, url }) => (number > 1 && url === b ? 70 : 0) });
    expect(attempts([a, b], [gate], [503, 200], { rotation: 'hold', maxRetryAfter: 100 })).toEqual([
      `0 ${a}`,
      'rejected gate',
    ]);
  });

  it('is chosen by the gates in Angular, too', () => {
    inVirtualTime(({ flush }) => {
      const scripted = angularNetwork(503, 503, 200);
      const gates = [delaying({ [a]: 500, [c]: 20 })];
      const http = retryingHttp({ gates, backoff: constant(10) }, [scripted.interceptor]);
      http.get(a, { context: retryContext({ urls: [c, b] }) }).subscribe();
      flush();
      expect(scripted.urls()).toEqual([b, b, b]);
    });
  });
});
