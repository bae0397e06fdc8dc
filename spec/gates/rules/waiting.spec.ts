import { asyncScheduler, NEVER, Subject } from 'rxjs';

import {
  constant,
  defineGate,
  type Gate,
  GateRejectedError,
  RetryClient,
  type RetryStrategy,
} from '../../../src/index.js';
import { findSequenceViolation, listen, plot } from '../../support/attempt-events.js';
import { formatEvent, watch } from '../../support/event-log.js';
import { forms, notebook, send, url } from '../../support/gate-forms.js';
import { type Answer, bodiless, network } from '../../support/scripted-network.js';
import { inVirtualTime, marbles } from '../../support/virtual-time.js';

/** A gate that delays retries until a time, in ms. */
const busyUntil = (time: number, name = 'busy'): Gate =>
  defineGate({ name, delay: ({ number, startedAt }) => (number === 1 ? 0 : Math.max(0, time - startedAt)) });

const after = (seconds: number): Answer => bodiless(503, { 'retry-after': String(seconds) });

/** The events of a request, and its end, each with its time. */
function eventsOf(
  gates: readonly Gate[],
  answers: readonly Answer[],
  strategy: RetryStrategy = {},
  totalTimeout: number | false = false,
): string[] {
  return inVirtualTime(({ flush }) => {
    const client = new RetryClient({
      interceptors: [network(...answers).interceptor],
      totalTimeout,
      strategy: { gates, backoff: constant(10), random: () => 0, ...strategy },
    });
    const all = listen(client.attempts$);
    const { lines } = watch(client.get(url, { observe: 'attempts' }), formatEvent);
    flush();
    expect(findSequenceViolation(all)).toBeUndefined();
    return lines
      .filter((line) => !/ (response|value|success) \d| complete$/.test(line))
      .map((line) => line.replace(/\(error: GET \S+ /, '(error: ').replace(/error: GET \S+ /, 'error: '));
  });
}

for (const [form, request] of Object.entries(forms)) {
  describe(`The wait before a retry, through ${form},`, () => {
    for (const [backoff, delay] of [
      [100, 30],
      [30, 100],
    ] as const) {
      marbles(`is the longer one of a backoff of ${backoff} ms and a gate’s delay of ${delay} ms`, ({ flush }) => {
        const { lines, note } = notebook();
        const strategy = { gates: [busyUntil(delay)], backoff: constant(backoff), random: () => 0 };
        send(request(strategy, note, ['down 0', 'ok 0']), note);
        flush();
        expect(lines).toEqual(['0 sent', '100 sent', '100 ok', '100 complete']);
      });
    }

    marbles('adds a random tenth, 1 s at most, to what is not backoff', ({ flush }) => {
      const { lines, note } = notebook();
      const strategy = { gates: [busyUntil(2_000)], backoff: constant(1), random: () => 0.5 };
      send(request(strategy, note, ['down 0', 'ok 0']), note);
      flush();
      expect(lines.slice(0, 2)).toEqual(['0 sent', '2100 sent']);
    });

    marbles('goes on while a gate asks for more, once it is over', ({ flush }) => {
      const { lines, note } = notebook();
      // Like a limit whose window was used up by others meanwhile.
      const rest = [20, 30, 40, 0];
      const gate = defineGate({ name: 'gate', delay: ({ number }) => (number === 1 ? 0 : (rest.shift() ?? 0)) });
      const strategy = { gates: [gate], backoff: constant(10), random: () => 0 };
      send(request(strategy, note, ['down 0', 'ok 0']), note);
      flush();
      expect(lines.slice(0, 2)).toEqual(['0 sent', '90 sent']);
    });

    marbles('is not waited for by a first attempt', ({ flush }) => {
      const { lines, note } = notebook();
      const gate = defineGate({ name: 'gate', delay: () => 5_000 });
      send(request({ gates: [gate] }, note, ['ok 0']), note);
      flush();
      expect(lines).toEqual(['0 sent', '0 ok', '0 complete']);
    });
  });
}

describe('A retry whose wait is over', () => {
  it('is told as held by the gate that asks for more, once, and then waits on', () => {
    const rest = [0, 30, 40, 0];
    const gate = defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : (rest.shift() ?? 0)) });
    expect(eventsOf([gate], [503, 200])).toEqual([
      '0 start 1/3',
      '0 retry 1 (response: 503) +0 in 10',
      '10 hold 2 limit',
      '80 start 2/3',
    ]);
  });

  it('is rejected once its whole wait would exceed maxRetryAfter', () => {
    const gate = (rest: number) => {
      const delays = [0, rest];
      return defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : (delays.shift() ?? 0)) });
    };
    const strategy: RetryStrategy = { maxRetryAfter: 1_000 };
    expect(eventsOf([gate(990)], [503, 200], strategy).at(-1)).toBe('1000 start 2/3');
    expect(eventsOf([gate(991)], [503, 200], strategy).slice(2)).toEqual([
      '10 failure 2 (error: rejected by the gate "limit" (attempt 2 of 3)) +0 rejected',
      '10 error: rejected by the gate "limit" (attempt 2 of 3)',
    ]);
  });

  it('with maxRetryAfter: 0 may wait for gates for 60 s, and ignores Retry-After', () => {
    expect(eventsOf([busyUntil(60_000)], [503, 200], { maxRetryAfter: 0 }).at(-1)).toBe('60000 start 2/3');
    expect(eventsOf([busyUntil(60_001)], [503, 200], { maxRetryAfter: 0 }).at(-1)).toContain('rejected');
    expect(eventsOf([busyUntil(0)], [after(30), 200], { maxRetryAfter: 0 }).at(-1)).toBe('10 start 2/3');
  });

  it('with maxRetryAfter: Infinity may wait for gates for ever, but not for one that never lets it in', () => {
    const strategy: RetryStrategy = { maxRetryAfter: Infinity };
    expect(eventsOf([busyUntil(1e9)], [503, 200], strategy).at(-1)).toBe('1000000000 start 2/3');
    const never = defineGate({ name: 'never', delay: ({ number }) => (number === 1 ? 0 : Infinity) });
    expect(eventsOf([never], [503, 200], strategy)[1]).toBe('0 failure 1 (response: 503) +0 rejected');
  });

  it('is not planned at all if a gate’s delay exceeds maxRetryAfter: the outcome stands as it is', () => {
    expect(eventsOf([busyUntil(1_001)], [503, 200], { maxRetryAfter: 1_000 })).toEqual([
      '0 start 1/3',
      '0 failure 1 (response: 503) +0 rejected',
    ]);
  });

  it('is not planned, with the reason deadline, if the wait would exceed the total timeout', () => {
    expect(eventsOf([busyUntil(500)], [503, 200], {}, 500)[1]).toBe('0 failure 1 (response: 503) +0 deadline');
    expect(eventsOf([busyUntil(499)], [503, 200], {}, 500).at(-1)).toBe('499 start 2/3');
  });

  it('is rejected if what a gate asks for then would exceed the total timeout', () => {
    const delays = [0, 490];
    const gate = defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : (delays.shift() ?? 0)) });
    expect(eventsOf([gate], [503, 200], {}, 500).at(-1)).toBe(
      '10 error: rejected by the gate "limit" (attempt 2 of 3)',
    );
  });

  it('is rejected then in the name of the gate that asks, and not of the outermost', () => {
    const delays = [0, 490];
    const gates = [
      defineGate({ name: 'outer' }),
      defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : (delays.shift() ?? 0)) }),
    ];
    expect(eventsOf(gates, [503, 200], {}, 500).at(-1)).toBe('10 error: rejected by the gate "limit" (attempt 2 of 3)');
  });

  it('is rejected if what it waits for and what random() adds end with the total timeout', () => {
    const gate = (): Gate => {
      const delays = [0, 400];
      return defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : (delays.shift() ?? 0)) });
    };
    const strategy: RetryStrategy = { random: () => 0.5 };
    expect(eventsOf([gate()], [503, 200], strategy, 430).at(-1)).toContain('rejected by the gate "limit"');
    expect(eventsOf([gate()], [503, 200], strategy, 431).at(-1)).toBe('430 start 2/3');
  });

  it('is not rejected where its timer alone is late: the total timeout ends it', () => {
    inVirtualTime(({ flush }) => {
      let late = 0;
      const virtual = asyncScheduler.now.bind(asyncScheduler);
      spyOn(asyncScheduler, 'now').and.callFake(() => virtual() + late);
      const { interceptor, requests } = network(503, NEVER);
      const client = new RetryClient({
        interceptors: [interceptor],
        totalTimeout: 50,
        strategy: { gates: [defineGate({ name: 'gate', delay: () => 0 })], backoff: constant(10) },
      });
      client.attempts$.subscribe(({ type }) => {
        // As if the event loop were busy until then.
        if (type === 'retry') late = 60;
      });
      const { lines } = watch(client.get(url));
      flush();
      expect(lines).toEqual([jasmine.stringMatching(/^110 error: .*totalTimeout/)]);
      expect(requests.length).toBe(2);
    });
  });

  it('whose backoff is as long as maxRetryAfter may not wait any longer', () => {
    const delays = [0, 1];
    const gate = defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : (delays.shift() ?? 0)) });
    const strategy: RetryStrategy = { backoff: constant(1_000), maxRetryAfter: 1_000 };
    expect(eventsOf([gate], [503, 200], strategy).at(-1)).toContain('rejected by the gate "limit"');
  });

  it('whose backoff is longer than maxRetryAfter may wait as long again for a gate', () => {
    const gate = (rest: number) => {
      const delays = [0, rest];
      return defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : (delays.shift() ?? 0)) });
    };
    const strategy: RetryStrategy = { backoff: constant(5_000), maxRetryAfter: 1_000 };
    expect(eventsOf([gate(1_000)], [503, 200], strategy).at(-1)).toBe('6000 start 2/3');
    expect(eventsOf([gate(1_001)], [503, 200], strategy).at(-1)).toContain('rejected by the gate "limit"');
  });

  it('adds a random tenth to what a gate asks for then, too, which must fit as well', () => {
    const gate = (rest: number) => {
      const delays = [0, rest];
      return defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : (delays.shift() ?? 0)) });
    };
    const random = () => 0.5;
    expect(eventsOf([gate(100)], [503, 200], { random }).at(-1)).toBe('115 start 2/3');
    expect(eventsOf([gate(960)], [503, 200], { random, maxRetryAfter: 1_000 }).at(-1)).toContain('rejected');
    expect(eventsOf([gate(480)], [503, 200], { random }, 500).at(-1)).toContain('rejected');
  });

  it('is sent on to a gate that would hold it for a time that it does not know', () => {
    const gate = defineGate({ name: 'limit', delay: ({ number }) => (number === 1 ? 0 : Number.MIN_VALUE) });
    expect(eventsOf([gate], [503, 200]).slice(1)).toEqual(['0 retry 1 (response: 503) +0 in 10', '10 start 2/3']);
  });

  it('has the time that the gate asks for in the error', () => {
    const errors: unknown[] = [];
    inVirtualTime(({ flush }) => {
      for (const delay of [700, 5_000, Infinity]) {
        let asked = 0;
        const gate = defineGate({
          name: 'limit',
          delay: ({ number }) => (number === 1 || (asked += 1) === 1 ? 0 : delay),
        });
        const client = new RetryClient({
          interceptors: [network(503).interceptor],
          strategy: { gates: [gate], backoff: constant(500), maxRetryAfter: 1_000 },
        });
        client.get(url).subscribe({ error: (error: unknown) => errors.push(error) });
      }
      flush();
    });
    const details = errors as GateRejectedError[];
    expect(details.map(({ gate, retryAfter }) => [gate, retryAfter])).toEqual([
      ['limit', 700],
      ['limit', 5_000],
      ['limit', undefined],
    ]);
    expect(details.every((error) => error instanceof GateRejectedError && error.attempt.number === 2)).toBeTrue();
  });

  it('waits for Retry-After and for the gate, whichever is longer', () => {
    expect(eventsOf([busyUntil(3_000)], [after(2), 200]).at(-1)).toBe('3000 start 2/3');
    expect(eventsOf([busyUntil(2_000)], [after(3), 200]).at(-1)).toBe('3000 start 2/3');
  });

  it('of a gate that queues joins the queue: its delay is not asked again', () => {
    const asked: number[] = [];
    const opened$ = new Subject<void>();
    const gate = defineGate({
      name: 'queue',
      queues: true,
      delay: ({ number, startedAt }) => {
        asked.push(startedAt);
        return number === 1 ? 0 : 20;
      },
      admit: ({ number }) => (number === 1 ? undefined : opened$),
    });
    inVirtualTime(({ flush }) => {
      const client = new RetryClient({
        interceptors: [network(503, 503, 200).interceptor],
        strategy: { gates: [gate], backoff: constant(1), random: () => 0 },
      });
      const { lines, note } = watch(client.attempts$, formatEvent);
      client.get(url).subscribe();
      flush();
      note('opens');
      opened$.next();
      expect(lines.filter((line) => !line.includes('response')).slice(1, 4)).toEqual([
        '20 hold 2 queue',
        '20 opens',
        '20 start 2/3',
      ]);
      // Asked when each retry is planned, and not when its wait is over.
      expect(asked).toEqual([0, 0, 20]);
    });
  });

  for (const how of ['unsubscribes', 'aborts', 'closes'] as const) {
    it(`while a gate makes it wait on, ${how} ends it, and nothing is left`, () => {
      inVirtualTime(({ flush, cold }) => {
        const delays = [0, 50_000];
        const wake$ = new Subject<void>();
        const gate = defineGate({
          name: 'limit',
          wake$,
          delay: ({ number }) => (number === 1 ? 0 : (delays.shift() ?? 0)),
        });
        const controller = new AbortController();
        const client = new RetryClient({
          interceptors: [network(503).interceptor],
          strategy: { gates: [gate], backoff: constant(5), random: () => 0 },
        });
        const events = listen(client.attempts$);
        const subscription = client.get(url, { signal: controller.signal }).subscribe({ error: () => undefined });
        cold('------------------a').subscribe(() => {
          expect(wake$.observed).toBeTrue();
          if (how === 'unsubscribes') subscription.unsubscribe();
          else if (how === 'aborts') controller.abort();
          else client.close();
          // At once: the wait is removed, and its timer.
          expect(wake$.observed).toBeFalse();
        });
        flush();
        expect(asyncScheduler.now()).toBe(18);
        expect(findSequenceViolation(events)).toBeUndefined();
        const last = events.at(-1);
        expect(last?.attempt.number).toBe(2);
        expect(last && plot([last])).toEqual([
          { unsubscribes: 'cancel 2', aborts: 'failure 2 aborted', closes: 'failure 2 closed' }[how],
        ]);
      });
    });
  }
});
