import { BehaviorSubject, concat, config, EMPTY, NEVER, Observable, of, Subject, throwError, timer } from 'rxjs';

import {
  constant,
  defineGate,
  type Gate,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
} from '../../../src/index.js';
import { listen, plot } from '../../support/attempt-events.js';
import { formatEvent, watch } from '../../support/event-log.js';
import { forms, notebook, send, url } from '../../support/gate-forms.js';
import { type Answer, bodiless, network } from '../../support/scripted-network.js';
import { inVirtualTime, marbles } from '../../support/virtual-time.js';

describe('wake$', () => {
  for (const [form, request] of Object.entries(forms)) {
    marbles(`ends the backoff, through ${form}`, ({ flush }) => {
      const { lines, note } = notebook();
      const gate = defineGate({ name: 'gate', wake$: timer(20) });
      send(request({ gates: [gate], backoff: constant(100) }, note, ['down 1', 'ok 1']), note);
      flush();
      expect(lines).toEqual(['0 sent', '21 sent', '22 ok', '22 complete']);
    });
  }

  const linesOf = (gates: readonly Gate[], answers: readonly Answer[], strategy: RetryStrategy = {}): string[] =>
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        interceptors: [network(...answers).interceptor],
        strategy: { gates, backoff: constant(100), random: () => 0, ...strategy },
      });
      const { lines } = watch(client.get(url, { observe: 'attempts' }), (event) =>
        formatEvent(event).replace('[object Response]', 'ok'),
      );
      flush();
      return lines.filter((line) => !line.includes(' response '));
    });
  const retryAfter = (seconds: number) => bodiless(503, { 'retry-after': String(seconds) });

  it('does not end what Retry-After asks for, nor what is planned beyond it', () => {
    const gate = defineGate({ name: 'gate', wake$: timer(500) });
    expect(linesOf([gate], [retryAfter(2), 200])[2]).toBe('2000 start 2/3');
    // The backoff alone ends: what is left of Retry-After is waited for.
    expect(linesOf([gate], [retryAfter(2), 200], { backoff: constant(5_000) })[2]).toBe('2000 start 2/3');
  });

  it('does not reject a retry that waits for the longest Retry-After, whatever random() adds', () => {
    const gate = defineGate({ name: 'gate', wake$: timer(30_000) });
    let random = 0;
    const lines = linesOf([gate], [retryAfter(60), 200], { random: () => (random++ < 1 ? 0 : 0.9) });
    expect(lines.slice(1, 3)).toEqual(['0 retry 1 (response: 503) +0 in 60000', '60000 start 2/3']);
  });

  it('does not end what another gate asks for', () => {
    const waking = defineGate({ name: 'waking', wake$: timer(10) });
    let until = 0;
    const busy = defineGate({ name: 'busy', delay: ({ number }) => (number === 1 ? 0 : Math.max(0, until)) });
    until = 50;
    const lines = linesOf([waking, busy], [503, 200]);
    expect(lines[1]).toBe('0 retry 1 (response: 503) +0 in 100');
    // Woken at 10 ms, it is held by the gate that asks for 50 ms more, again and again.
    expect(lines[2]).toBe('10 hold 2 busy');
  });

  it('that emits while it is subscribed to is ignored then', () => {
    const open$ = new BehaviorSubject(true);
    const gate = defineGate({ name: 'gate', wake$: open$ });
    expect(linesOf([gate], [503, 200])[2]).toBe('100 start 2/3');
  });

  it('that completes never wakes', () => {
    for (const wake$ of [EMPTY, of(1), NEVER]) {
      expect(linesOf([defineGate({ name: 'gate', wake$ })], [503, 200])[2]).toBe('100 start 2/3');
    }
    expect(linesOf([defineGate({ name: 'gate', wake$: concat(timer(30), of(1)) })], [503, 200])[2]).toBe(
      '30 start 2/3',
    );
  });

  it('that errors never wakes, and the error is reported', async () => {
    const before = config.onUnhandledError;
    const reported: unknown[] = [];
    config.onUnhandledError = (error) => reported.push(error);
    try {
      const bug = new Error('a bug');
      const gate = defineGate({ name: 'gate', wake$: throwError(() => bug) });
      expect(linesOf([gate], [503, 200])[2]).toBe('100 start 2/3');
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(reported).toEqual([bug]);
    } finally {
      config.onUnhandledError = before;
    }
  });

  it('is subscribed to once for all waits, and only while there are some', () => {
    inVirtualTime(({ flush, cold }) => {
      const counts: string[] = [];
      const { note } = notebook();
      let subscriptions = 0;
      const wake$ = new Observable<never>(() => {
        subscriptions += 1;
        counts.push(`+${String(subscriptions)}`);
        return () => counts.push('-');
      });
      const gate = defineGate({ name: 'gate', wake$ });
      const strategy: RetryStrategy = { gates: [gate], backoff: constant(10), attempts: 2 };
      const failing$ = throwError(() => new Error('down')).pipe(retryWithStrategy(strategy));
      send(failing$, note);
      send(failing$, note);
      const left = send(failing$, note);
      cold('---a').subscribe(() => {
        left.unsubscribe();
      });
      cold('--------------------a').subscribe(() => send(failing$, note));
      flush();
      expect(counts).toEqual(['+1', '-', '+2', '-']);
    });
  });

  it('that is subscribed to while another run begins to wait is subscribed to once', () => {
    inVirtualTime(({ flush }) => {
      let subscriptions = 0;
      let active = 0;
      const wake$ = new Observable<never>(() => {
        subscriptions += 1;
        active += 1;
        if (subscriptions === 1) failing$.subscribe({ error: () => undefined });
        return () => (active -= 1);
      });
      const gate = defineGate({ name: 'gate', wake$ });
      const failing$ = throwError(() => new Error('down')).pipe(
        retryWithStrategy({ gates: [gate], backoff: constant(10), attempts: 2 }),
      );
      failing$.subscribe({ error: () => undefined });
      expect([subscriptions, active]).toEqual([1, 1]);
      flush();
      expect([subscriptions, active]).toEqual([1, 0]);
    });
  });

  it('that ends the wait while it is subscribed to leaves no timer and no wait', () => {
    inVirtualTime(({ flush }) => {
      const wake$ = new Subject<void>();
      const waking = defineGate({ name: 'waking', wake$ });
      const other = defineGate({
        name: 'other',
        wake$: new Observable(() => {
          wake$.next();
        }),
      });
      let last = 0;
      const third = defineGate({
        name: 'third',
        wake$: new Observable(() => {
          last += 1;
          return () => (last -= 1);
        }),
      });
      const { interceptor, requests } = network(503, 200);
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { gates: [waking, other, third], backoff: constant(100) },
      });
      const events = listen(client.attempts$);
      client.get(url).subscribe();
      expect(requests.length).toBe(2);
      expect(last).toBe(0);
      flush();
      expect(requests.length).toBe(2);
      expect(last).toBe(0);
      expect(wake$.observed).toBeFalse();
      expect(plot(events).at(-1)).toBe('success 2');
    });
  });

  it('wakes no request that another one has ended meanwhile', () => {
    inVirtualTime(({ flush }) => {
      const wake$ = new Subject<void>();
      let isWaking = false;
      let asked = 0;
      const gate = defineGate({
        name: 'gate',
        wake$,
        delay: () => {
          if (isWaking) {
            asked += 1;
            for (const subscription of subscriptions) subscription.unsubscribe();
          }
          return 0;
        },
      });
      const failing$ = throwError(() => new Error('down')).pipe(
        retryWithStrategy({ gates: [gate], backoff: constant(100) }),
      );
      const subscriptions = [1, 2, 3].map(() => failing$.subscribe({ error: fail }));
      isWaking = true;
      wake$.next();
      expect(asked).toBe(1);
      expect(wake$.observed).toBeFalse();
      flush();
    });
  });

  it('that ends a further wait while another gate’s is subscribed to leaves no hold to be told', () => {
    inVirtualTime(({ flush }) => {
      const wake$ = new Subject<void>();
      let delay = 0;
      const waking = defineGate({ name: 'waking', wake$, delay: () => delay });
      let waits = 0;
      const other = defineGate({
        name: 'other',
        wake$: new Observable(() => {
          waits += 1;
          if (waits === 1) return;
          delay = 0;
          wake$.next();
        }),
      });
      const client = new RetryClient({
        interceptors: [network(503, 200).interceptor],
        strategy: { gates: [waking, other], backoff: constant(10), random: () => 0 },
      });
      client.attempts$.subscribe(({ type }) => {
        if (type === 'retry') delay = 500;
      });
      const { lines } = watch(client.attempts$, (event) => plot([event])[0] ?? '');
      client.get(url).subscribe();
      flush();
      expect(lines.slice(2)).toEqual([...['0 retry 1', '10 start 2', '10 response 2', '10 value 2', '10 success 2']]);
    });
  });

  it('that emits while listeners are told of a hold is not missed', () => {
    inVirtualTime(({ flush }) => {
      const wake$ = new Subject<void>();
      let delay = 0;
      const gate = defineGate({ name: 'gate', wake$, delay: () => delay });
      const client = new RetryClient({
        interceptors: [network(503, 200).interceptor],
        strategy: { gates: [gate], backoff: constant(10), random: () => 0 },
      });
      client.attempts$.subscribe((event) => {
        if (event.type === 'retry') delay = 1_000;
        if (event.type !== 'hold') return;
        delay = 0;
        wake$.next();
      });
      const { lines } = watch(client.attempts$, (event) => plot([event])[0] ?? '');
      client.get(url).subscribe();
      flush();
      expect(lines.filter((line) => /hold|start/.test(line))).toEqual(['0 start 1', '10 hold 2 gate', '10 start 2']);
    });
  });

  it('wakes 100,000 waits, and lets them be left, in linear time', () => {
    // In real time: the virtual scheduler looks through all its timers to remove one.
    const measure = (count: number): readonly [number, number] => {
      const wake$ = new Subject<void>();
      const gate = defineGate({ name: 'gate', wake$ });
      let attempts = 0;
      const source$ = new Observable<never>((subscriber) => {
        attempts += 1;
        subscriber.error(new Error('down'));
      });
      const failing$ = source$.pipe(retryWithStrategy({ gates: [gate], backoff: constant(1e6), attempts: Infinity }));
      const subscriptions = Array.from({ length: count }, () => failing$.subscribe());
      const start = performance.now();
      wake$.next();
      const woken = performance.now();
      expect(attempts).toBe(2 * count);
      for (const subscription of subscriptions) subscription.unsubscribe();
      const left = performance.now();
      expect(wake$.observed).toBeFalse();
      return [woken - start, left - woken];
    };
    measure(1_000);
    const [wakingFew, leavingFew] = measure(10_000);
    const [waking, leaving] = measure(100_000);
    // Ten times as many take about ten times as long; with a quadratic algorithm a hundred times.
    expect(waking).toBeLessThan(40 * wakingFew + 1_000);
    expect(leaving).toBeLessThan(40 * leavingFew + 1_000);
  });
});
