import { asyncScheduler, filter, mergeMap, Subscription, takeUntil, timer } from 'rxjs';

import { circuitBreaker, defineGate, type GateAttempt, RetryClient } from '../../src/index.js';
import { askGate, tellGate } from '../support/ask-gate.js';
import { circuitBench } from '../support/circuit.js';
import { formatEvent, watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { marbles } from '../support/virtual-time.js';

const MANY = 100_000;

/** What an attempt of {@link holdMany} does when it is let in. */
type OnSent = (lease: Subscription, fail: () => void) => void;

/**
 * A circuit with a probe under way, and many retries that it holds. They ask the gate itself, as so many requests would
 * in virtual time take minutes.
 */
function holdMany(onSent: OnSent = () => undefined) {
  const breaker = circuitBreaker({ minimumThroughput: 1, breakDuration: 0 });
  const counts = { sent: 0, rejected: 0 };
  const attemptOf = (number: number): GateAttempt => ({ number, of: 2, requestId: 'r', startedAt: 0 });
  const fail = (attempt: GateAttempt, memo: object): void => {
    const outcome = { attempt, kind: 'error', error: new Error('down') } as const;
    tellGate(breaker, { type: 'start', attempt }, memo);
    tellGate(breaker, { type: 'failure', attempt, outcome, elapsed: 0, total: 0, reason: 'permanent' }, memo);
  };
  const opener = attemptOf(1);
  const openerMemo = {};
  askGate(breaker, opener, openerMemo).subscribe();
  fail(opener, openerMemo);
  const probe = askGate(breaker, attemptOf(2)).subscribe();
  const leases = Array.from({ length: MANY }, () => {
    const attempt = attemptOf(2);
    const memo = {};
    const lease = new Subscription();
    lease.add(
      askGate(breaker, attempt, memo).subscribe({
        next: () => {
          counts.sent += 1;
          onSent(lease, () => {
            fail(attempt, memo);
          });
        },
        error: () => {
          counts.rejected += 1;
        },
      }),
    );
    return lease;
  });
  return { breaker, counts, probe, leases };
}

describe('A circuit that holds 100,000 retries', () => {
  marbles('sends them when it closes', ({ flush }) => {
    const { breaker, counts } = holdMany();
    expect(counts).toEqual({ sent: 0, rejected: 0 });
    breaker.close('all');
    expect(counts).toEqual({ sent: MANY, rejected: 0 });
    flush();
    expect(asyncScheduler.now()).toBe(0);
  });

  marbles('rejects them when it is isolated', ({ flush }) => {
    const { breaker, counts } = holdMany();
    breaker.isolate('all');
    expect(counts).toEqual({ sent: 0, rejected: MANY });
    flush();
    expect(asyncScheduler.now()).toBe(0);
  });

  marbles('rejects the rest when one that it sends opens it again', () => {
    const { breaker, counts } = holdMany((_, fail) => {
      if (counts.sent === 10) fail();
    });
    breaker.close('all');
    expect(counts).toEqual({ sent: 10, rejected: MANY - 10 });
  });

  marbles('makes each of them the probe, if each leaves at once', ({ flush }) => {
    // A call inside a call for each would overflow the stack.
    const { breaker, counts, probe } = holdMany((lease) => {
      lease.unsubscribe();
    });
    probe.unsubscribe();
    expect(counts).toEqual({ sent: MANY, rejected: 0 });
    expect(breaker.snapshot('all').state).toBe('half-open');
    flush();
    expect(asyncScheduler.now()).toBe(0);
  });

  marbles('lets them leave in any order, and keeps no timer', ({ flush }) => {
    const { counts, leases, probe } = holdMany();
    for (const [index, lease] of leases.entries()) if (index % 2) lease.unsubscribe();
    for (const lease of leases.reverse()) lease.unsubscribe();
    probe.unsubscribe();
    expect(counts).toEqual({ sent: 0, rejected: 0 });
    flush();
    expect(asyncScheduler.now()).toBe(0);
  });
});

describe('A listener of a breaker’s changes', () => {
  /** A client, a breaker that opens for 100 ms at frame 0, and the events of the requests. */
  const setup = (...answers: readonly number[]) => {
    const breaker = circuitBreaker({ minimumThroughput: 1, breakDuration: 100 });
    const client = new RetryClient({
      interceptors: [network(500, ...answers).interceptor],
      strategy: { gates: [breaker], attempts: 1 },
    });
    client.get('http://a.test/').subscribe();
    return { breaker, client, log: watch(client.attempts$, formatEvent) };
  };

  for (const [state, expected] of [
    ['half-open', []],
    ['closed', ['100 start 1/1', '100 cancel 1 +0']],
  ] as const) {
    marbles(`can end the probe when the circuit is ${state}`, ({ flush }) => {
      const { breaker, client, log } = setup(200);
      const values: unknown[] = [];
      const left$ = breaker.changes$.pipe(filter((change) => change.state === state));
      timer(100)
        .pipe(
          mergeMap(() => client.get('http://a.test/')),
          takeUntil(left$),
        )
        .subscribe((value) => values.push(value));
      flush();
      expect(log.lines).toEqual([...expected]);
      expect(values).toEqual([]);
      expect(breaker.snapshot('http://a.test').state).toBe(state);
    });
  }

  marbles('can send a request when the circuit is half-open: that is the probe', ({ flush }) => {
    const bench = circuitBench();
    bench.request('opener', ['fails 0']);
    bench.breaker.changes$.subscribe(({ state }) => {
      if (state === 'half-open') bench.request('listener', ['answers 10']);
    });
    bench.at(100, () => bench.request('a', ['answers 0']));
    flush();
    expect(bench.lines.filter((line) => line.includes('start')).slice(1)).toEqual(['100 listener start 1/1']);
    expect(bench.state()).toBe('closed');
  });

  marbles('can send a request when the circuit is closed: it is sent before those that are held', ({ flush }) => {
    const bench = circuitBench();
    bench.request('a', ['fails 1', 'answers 10']);
    bench.request('b', ['fails 1', 'answers 0']);
    bench.request('opener', ['fails 0']);
    bench.breaker.changes$.subscribe(({ state, throughput }) => {
      if (state === 'closed' && throughput === 0) bench.request('listener', ['answers 0']);
    });
    bench.at(99, () => bench.take());
    flush();
    expect(bench.lines.filter((line) => line.includes('start'))).toEqual([
      '100 a start 2/2',
      '110 listener start 1/1',
      '110 b start 2/2',
    ]);
  });

  marbles('can isolate the circuit when it is closed: those that are held are rejected', ({ flush }) => {
    const bench = circuitBench();
    bench.request('a', ['fails 1', 'answers 10']);
    bench.request('b', ['fails 1', 'answers 0']);
    bench.request('opener', ['fails 0']);
    bench.breaker.changes$.subscribe(({ state }) => {
      if (state === 'closed') bench.breaker.isolate('all');
    });
    bench.at(99, () => bench.take());
    flush();
    expect(bench.lines.filter((line) => line.includes('start'))).toEqual(['100 a start 2/2']);
    expect(bench.lines.filter((line) => line.includes('is isolated')).length).toBe(1);
  });

  marbles('that throws disturbs no request', ({ flush }) => {
    const bench = circuitBench();
    bench.breaker.changes$.subscribe(() => {
      throw new Error('a bug');
    });
    bench.request('a', ['fails 0']);
    expect(flush).toThrowError('a bug');
    expect(bench.lines).toEqual(['0 a start 1/1', '0 a failure 1 (error: down) +0 attempts']);
    expect(bench.state()).toBe('open 100');
  });
});

describe('A retry that a circuit holds', () => {
  marbles('can be ended by what ends the probe', ({ flush }) => {
    const bench = circuitBench();
    const leave: (() => void)[] = [];
    const endsAll = defineGate({
      name: 'ends-all',
      next: ({ type }) => {
        if (type === 'response' || type === 'value') for (const each of leave) each();
      },
    });
    leave.push(bench.request('b', ['fails 2', 'answers 0']), bench.request('c', ['fails 2', 'answers 0']));
    bench.request('a', ['fails 1', 'answers 10'], { gates: [endsAll, bench.breaker] });
    bench.request('opener', ['fails 0']);
    bench.at(99, () => bench.take());
    flush();
    expect(bench.lines.filter((line) => line.includes('start'))).toEqual(['100 a start 2/2']);
    expect(bench.state()).toBe('closed');
  });
});
