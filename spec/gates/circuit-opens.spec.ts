import { asyncScheduler, from } from 'rxjs';

import { circuitBreaker, constant, GateRejectedError, RetryClient } from '../../src/index.js';
import { circuitBench } from '../support/circuit.js';
import { watch } from '../support/event-log.js';
import { network } from '../support/scripted-network.js';
import { inVirtualTime, marbles } from '../support/virtual-time.js';

/** Replies to one request after the other, and returns the state after each. */
function statesAfter(replies: string, options: Parameters<typeof circuitBench>[0]): string[] {
  return inVirtualTime(({ flush }) => {
    const bench = circuitBench(options);
    return Array.from(replies, (letter) => {
      bench.request('r', [letter === 'F' ? 'fails 0' : 'answers 0']);
      flush();
      return bench.breaker.snapshot('all').state;
    });
  });
}

describe('A circuit', () => {
  // Polly's documentation: ratio 0.1, 1 s, at least 3.
  marbles('opens at the third of ten failures, and rejects the others', ({ flush }) => {
    const { breaker } = circuitBench({ failureRatio: 0.1, samplingDuration: 1_000, minimumThroughput: 3 });
    const { interceptor, requests } = network(500);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { gates: [breaker], attempts: 1 } });
    const lines: string[] = [];
    for (let count = 0; count < 10; count += 1) {
      watch(client.get('http://a.test/'), ({ status }) => String(status), lines);
    }
    flush();
    expect(lines.filter((line) => line === '0 500').length).toBe(3);
    expect(lines.filter((line) => line.startsWith('0 error: GET http://a.test/: rejected by')).length).toBe(7);
    expect(requests.length).toBe(3);
  });

  // Polly's tests of its advanced breaker: ratio 0.5, at least 2.
  it('opens when the part of the failures is reached, and not below', () => {
    const options = { failureRatio: 0.5, minimumThroughput: 2 };
    expect(statesAfter('SSF', options)).toEqual(['closed', 'closed', 'closed']);
    expect(statesAfter('SF', options)).toEqual(['closed', 'open']);
    expect(statesAfter('SSSFF', options)).toEqual(['closed', 'closed', 'closed', 'closed', 'closed']);
    expect(statesAfter('SSSFFF', options)).toEqual(['closed', 'closed', 'closed', 'closed', 'closed', 'open']);
  });

  it('is looked at after failures only', () => {
    expect(statesAfter('FFSSF', { failureRatio: 0.4, minimumThroughput: 4 })).toEqual([
      'closed',
      'closed',
      'closed',
      'closed',
      'open',
    ]);
  });

  it('does not open before enough attempts had an outcome', () => {
    expect(statesAfter('FFF', { minimumThroughput: 3 })).toEqual(['closed', 'closed', 'open']);
  });

  it('opens at the first failure with a ratio of 0, and with 1 if all attempts fail', () => {
    expect(statesAfter('SSSSF', { failureRatio: 0 })).toEqual(['closed', 'closed', 'closed', 'closed', 'open']);
    expect(statesAfter('FFFS', { failureRatio: 1, minimumThroughput: 4 }).at(-1)).toBe('closed');
    expect(statesAfter('FFFF', { failureRatio: 1, minimumThroughput: 4 }).at(-1)).toBe('open');
  });

  it('needs 20 attempts, half of them failures, if no option says otherwise', () => {
    inVirtualTime(({ flush }) => {
      const breaker = circuitBreaker();
      const { interceptor } = network(...Array.from({ length: 10 }, () => 200), 500);
      const client = new RetryClient({ interceptors: [interceptor], strategy: { gates: [breaker], attempts: 1 } });
      const state = (): unknown => breaker.snapshot('http://a.test');
      for (let count = 0; count < 19; count += 1) client.get('http://a.test/').subscribe();
      flush();
      expect(state()).toEqual({ state: 'closed', failureRatio: 9 / 19, throughput: 19, retryAfter: 0 });
      client.get('http://a.test/').subscribe();
      flush();
      expect(state()).toEqual({ state: 'open', failureRatio: 0.5, throughput: 20, retryAfter: 5_000 });
    });
  });

  // Polly's tests of its rolling metrics: 10 s, 10 slices.
  marbles('counts failures, answers and their ratio, for the sampling duration', ({ flush }) => {
    const bench = circuitBench({ samplingDuration: 10_000, minimumThroughput: 100 });
    const counts = (): string => {
      const { failureRatio, throughput } = bench.breaker.snapshot('all');
      return `${String(failureRatio)} of ${String(throughput)}`;
    };
    expect(counts()).toBe('0 of 0');
    bench.request('r', ['fails 0']);
    for (let count = 0; count < 4; count += 1) bench.request('r', ['answers 0']);
    bench.at(9_999, () => {
      expect(counts()).toBe('0.2 of 5');
    });
    bench.at(10_000, () => {
      expect(counts()).toBe('0 of 0');
    });
    flush();
    expect(asyncScheduler.now()).toBe(10_000);
  });

  // A complaint about another library: its window moved on by one slice for each event.
  marbles('has forgotten failures after an hour without attempts', ({ flush }) => {
    const bench = circuitBench({ minimumThroughput: 3 });
    bench.request('a', ['fails 0']);
    bench.request('b', ['fails 0']);
    bench.at(3_600_000, () => bench.request('c', ['fails 0']));
    flush();
    expect(bench.breaker.snapshot('all')).toEqual({ state: 'closed', failureRatio: 1, throughput: 1, retryAfter: 0 });
  });

  // Complaint: opossum #288, a first request that is slow opens the breaker.
  it('is not opened by the first request that fails', () => {
    inVirtualTime(({ flush }) => {
      const bench = circuitBench({ minimumThroughput: 20 });
      bench.request('a', ['fails 10000']);
      flush();
      expect(bench.state()).toBe('closed');
    });
  });

  // Complaint: opossum #385, of failures at the same time the last one keeps the breaker open for ever.
  marbles('opens once if attempts fail at the same time', ({ flush }) => {
    const bench = circuitBench({ minimumThroughput: 3 });
    const states: string[] = [];
    bench.breaker.changes$.subscribe(({ state }) => states.push(state));
    for (let count = 0; count < 6; count += 1) bench.request('r', ['fails 5']);
    bench.at(50, () => {
      expect(bench.state()).toBe('open 55');
    });
    bench.at(105, () => bench.request('probe', ['answers 1']));
    flush();
    expect(states).toEqual(['closed', 'closed', 'open', 'half-open', 'closed']);
  });

  marbles('counts retries as attempts', ({ flush }) => {
    const bench = circuitBench({ minimumThroughput: 3 });
    bench.request('a', ['fails 1', 'fails 1', 'fails 1', 'answers 1'], { backoff: constant(10) });
    flush();
    expect(bench.lines).toEqual([
      '0 a start 1/4',
      '1 a retry 1 (error: down) +1 in 10',
      '11 a start 2/4',
      '12 a retry 2 (error: down) +1 in 10',
      '22 a start 3/4',
      '23 a retry 3 (error: down) +1 in 10',
      '33 a hold 4 circuit-breaker',
      '123 a start 4/4',
      '124 a value 4 ok +1',
      '124 a success 4 +1',
    ]);
  });
});

describe('An open circuit', () => {
  marbles('rejects first attempts, and says how long the break still is', ({ flush }) => {
    const bench = circuitBench();
    const errors: unknown[] = [];
    const { interceptor, requests } = network(500);
    const client = new RetryClient({ interceptors: [interceptor], strategy: { gates: [bench.breaker], attempts: 1 } });
    client.get('http://a.test/').subscribe();
    bench.at(30, () => {
      client.get('http://a.test/x').subscribe({ error: (error: unknown) => errors.push(error) });
    });
    flush();
    expect(requests.length).toBe(1);
    const [error] = errors as GateRejectedError[];
    expect(error).toBeInstanceOf(GateRejectedError);
    expect(error?.gate).toBe('circuit-breaker');
    expect(error?.retryAfter).toBe(70);
    expect(error?.message).toBe(
      'GET http://a.test/x: rejected by the gate "circuit-breaker": the circuit is open (attempt 1 of 1)',
    );
    // No timer is left for the end of the break.
    expect(asyncScheduler.now()).toBe(30);
  });

  marbles('has retries wait for the rest of the break', ({ flush }) => {
    const bench = circuitBench();
    bench.request('a', ['fails 0', 'answers 5'], { backoff: constant(10) });
    flush();
    expect(bench.lines).toEqual([
      '0 a start 1/2',
      '0 a retry 1 (error: down) +0 in 10',
      '10 a hold 2 circuit-breaker',
      '100 a start 2/2',
      '105 a value 2 ok +5',
      '105 a success 2 +5',
    ]);
    expect(bench.state()).toBe('closed');
  });

  marbles('leaves an outcome as it is if the break is longer than a retry waits', ({ flush }) => {
    const bench = circuitBench({ breakDuration: 500 });
    bench.request('a', ['fails 10']);
    bench.request('b', ['fails 20', 'answers 0'], { maxRetryAfter: 489 });
    bench.request('c', ['fails 20', 'answers 0'], { maxRetryAfter: 490 });
    flush();
    expect(bench.lines.filter((line) => line.includes(' b '))).toEqual([
      '0 b start 1/2',
      '20 b failure 1 (error: down) +20 rejected',
    ]);
    expect(bench.lines.filter((line) => line.includes(' c '))).toEqual([
      '0 c start 1/2',
      '20 c retry 1 (error: down) +20 in 490',
      '510 c start 2/2',
      '510 c value 2 ok +0',
      '510 c success 2 +0',
    ]);
  });

  marbles('ignores how attempts end that began before', ({ flush }) => {
    const bench = circuitBench({ minimumThroughput: 2 });
    bench.request('a', ['fails 0']);
    bench.request('b', ['fails 0']);
    bench.request('late failure', ['fails 50']);
    bench.request('late answer', ['answers 60']);
    bench.at(70, () => {
      expect(bench.state()).toBe('open 30');
      expect(bench.breaker.snapshot('all').throughput).toBe(2);
    });
    flush();
  });

  marbles('stays open as long as a function says, which gets the number of openings', ({ flush }) => {
    const openings: number[] = [];
    const bench = circuitBench({
      breakDuration: (count) => {
        openings.push(count);
        return count * 100;
      },
    });
    bench.request('a', ['fails 0', 'fails 0', 'fails 0', 'answers 0', 'fails 0', 'answers 0'], {
      shouldRetry: ({ kind }) => kind === 'value' || undefined,
    });
    flush();
    expect(openings).toEqual([1, 2, 3, 1]);
    expect(bench.lines.filter((line) => line.includes('start')).map((line) => parseInt(line, 10))).toEqual([
      0, 100, 300, 600, 600, 700,
    ]);
  });

  for (const [what, breakDuration] of [
    ['throws', () => from(undefined as never)],
    ['returns no number', () => NaN],
    ['returns a negative number', () => -1],
    ['returns Infinity', () => Infinity],
  ] as const) {
    marbles(`is open for 5 s if the function of the break ${what}, and the error is reported`, ({ flush }) => {
      const bench = circuitBench({ breakDuration: breakDuration as () => number });
      bench.request('a', ['fails 0']);
      expect(flush).toThrowError(what === 'throws' ? /./ : /^what breakDuration returns must be a finite number/);
      expect(bench.state()).toBe('open 5000');
    });
  }

  marbles('can have a break of 0: the next attempt is a probe', ({ flush }) => {
    const bench = circuitBench({ breakDuration: 0 });
    bench.request('a', ['fails 0', 'answers 5']);
    flush();
    expect(bench.lines).toEqual([
      '0 a start 1/2',
      '0 a retry 1 (error: down) +0 in 0',
      '0 a start 2/2',
      '5 a value 2 ok +5',
      '5 a success 2 +5',
    ]);
  });
});
