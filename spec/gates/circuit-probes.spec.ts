import { asyncScheduler, concat, defer, EMPTY, NEVER, Subject, throwError, timer } from 'rxjs';

import {
  circuitBreaker,
  constant,
  defineGate,
  type GateRejectedError,
  RetryClient,
  retryWithStrategy,
  text,
} from '../../src/index.js';
import { circuitBench, type CircuitBench, reply, type Reply } from '../support/circuit.js';
import { type Answer, network } from '../support/scripted-network.js';
import { marbles } from '../support/virtual-time.js';

/**
 * Opens the circuit at frame 0, for 100 ms. Each of the others fails at frame 1, and is retried at frame 100. What is
 * logged until then is dropped.
 */
function openWith(
  bench: CircuitBench,
  others: Readonly<Record<string, readonly Reply[]>> = {},
): Map<string, () => void> {
  const leave = new Map(
    Object.entries(others).map(([name, replies]) => [name, bench.request(name, ['fails 1', ...replies])]),
  );
  bench.request('opener', ['fails 0']);
  bench.at(99, () => bench.take());
  return leave;
}

/** A client whose breaker opened at frame 0, for 100 ms. */
interface HttpBench {
  readonly client: RetryClient;
  /** Sends a request; returns what unsubscribes from it. An answer is that to this request alone. */
  readonly get: (
    path: string,
    options?: { totalTimeout?: number | false; signal?: AbortSignal },
    answer?: Answer,
  ) => () => void;
  readonly at: (frame: number, call: () => void) => void;
  readonly state: () => string;
}

/** @param answer - what all requests get after the first */
function httpBench(answer: Answer): HttpBench {
  const breaker = circuitBreaker({ minimumThroughput: 1, breakDuration: 100 });
  const strategy = { gates: [breaker], attempts: 1 };
  const client = new RetryClient({ interceptors: [network(500, answer).interceptor], strategy, timeout: 1_000 });
  const bench: HttpBench = {
    client,
    get(path, options, own) {
      const sender =
        own === undefined ? client : new RetryClient({ interceptors: [network(own).interceptor], strategy });
      const subscription = sender
        .get(`http://a.test/${path}`, { ...options, selector: text() })
        .subscribe({ error: () => undefined });
      return () => {
        subscription.unsubscribe();
      };
    },
    at(frame, call) {
      timer(frame - asyncScheduler.now()).subscribe(call);
    },
    state: () => breaker.snapshot('http://a.test').state,
  };
  bench.get('opener');
  return bench;
}

describe('A half-open circuit', () => {
  marbles('closes with the first answer, and counts anew', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench);
    bench.at(150, () => {
      expect(bench.state()).toBe('open');
      bench.request('probe', ['answers 10']);
      expect(bench.state()).toBe('half-open');
    });
    flush();
    expect(bench.lines).toEqual(['150 probe start 1/1', '160 probe value 1 ok +10', '160 probe success 1 +10']);
    expect(bench.breaker.snapshot('all')).toEqual({ state: 'closed', failureRatio: 0, throughput: 0, retryAfter: 0 });
  });

  marbles('opens again with the first failure, for a whole break', ({ flush }) => {
    const bench = circuitBench({ minimumThroughput: 1, failureRatio: 1 });
    openWith(bench);
    bench.at(150, () => bench.request('probe', ['fails 10']));
    bench.at(161, () => {
      expect(bench.state()).toBe('open 99');
    });
    bench.at(259, () => {
      expect(bench.state()).toBe('open 1');
    });
    flush();
  });

  // Complaints: Polly #216, opossum #119: all that came during the break is sent at once.
  marbles('sends one of a hundred first attempts, and rejects the others', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench);
    bench.at(100, () => {
      for (let count = 0; count < 100; count += 1) bench.request('r', ['answers 10']);
    });
    flush();
    expect(bench.lines.filter((line) => line === '100 r start 1/1').length).toBe(1);
    expect(bench.lines.filter((line) => line.endsWith('rejected')).length).toBe(99);
    expect(bench.lines).toContain(
      '100 r failure 1 (error: rejected by the gate "circuit-breaker": ' +
        'the circuit is half-open, and enough probes are under way (attempt 1 of 1)) +0 rejected',
    );
  });

  marbles('does not say how long it will reject', ({ flush }) => {
    const bench = circuitBench();
    const errors: GateRejectedError[] = [];
    openWith(bench);
    bench.at(100, () => {
      bench.request('probe', ['answers 10']);
      throwError(() => new Error('not sent'))
        .pipe(retryWithStrategy({ gates: [bench.breaker] }))
        .subscribe({ error: (error: unknown) => errors.push(error as GateRejectedError) });
    });
    flush();
    expect(errors.map(({ gate }) => gate)).toEqual(['circuit-breaker']);
    expect(errors[0]).not.toEqual(jasmine.objectContaining({ retryAfter: jasmine.anything() }));
  });

  marbles('holds retries until it is closed, and sends them in turn', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench, { a: ['answers 10'], b: ['answers 1'], c: ['answers 1'] });
    flush();
    expect(bench.lines).toEqual([
      '100 a start 2/2',
      '100 b hold 2 circuit-breaker',
      '100 c hold 2 circuit-breaker',
      '110 b start 2/2',
      '110 c start 2/2',
      '110 a value 2 ok +10',
      '110 a success 2 +10',
      '111 b value 2 ok +1',
      '111 b success 2 +1',
      '111 c value 2 ok +1',
      '111 c success 2 +1',
    ]);
  });

  marbles('rejects the retries that it holds when it opens again, and says for how long', ({ flush }) => {
    const bench = circuitBench();
    const errors: GateRejectedError[] = [];
    const replies = [reply('fails 1'), reply('answers 1')];
    defer(() => replies.shift() ?? NEVER)
      .pipe(retryWithStrategy({ attempts: 2, backoff: constant(1), random: () => 0.5, gates: [bench.breaker] }))
      .subscribe({ error: (error: unknown) => errors.push(error as GateRejectedError) });
    openWith(bench, { a: ['fails 10'], b: ['answers 1'] });
    flush();
    expect(bench.lines).toEqual([
      '100 a start 2/2',
      '100 b hold 2 circuit-breaker',
      '110 b failure 2 (error: rejected by the gate "circuit-breaker": the circuit is open (attempt 2 of 2)) +10 rejected',
      '110 a failure 2 (error: down) +10 attempts',
    ]);
    expect(errors.map(({ retryAfter }) => retryAfter)).toEqual([100]);
    expect(replies.length).toBe(1);
  });

  marbles('lets several probes in at a time, and the first that has an outcome decides', ({ flush }) => {
    const bench = circuitBench({ probes: 2 });
    openWith(bench, { a: ['answers 20'], b: ['fails 10'], c: ['answers 1'] });
    bench.at(115, () => {
      expect(bench.state()).toBe('open 95');
    });
    bench.at(125, () => {
      expect(bench.state()).toBe('open 85');
    });
    flush();
    expect(bench.lines.filter((line) => line.includes('start'))).toEqual(['100 a start 2/2', '100 b start 2/2']);
  });

  // Complaint: Polly #217. An attempt of long ago is no probe.
  marbles('ignores how attempts end that began before', ({ flush }) => {
    const bench = circuitBench();
    bench.request('late failure', ['fails 110']);
    bench.request('late answer', ['answers 120']);
    openWith(bench);
    bench.at(100, () => bench.request('probe', ['answers 50']));
    for (const frame of [115, 125]) {
      bench.at(frame, () => {
        expect(bench.state()).toBe('half-open');
      });
    }
    flush();
    expect(bench.state()).toBe('closed');
  });

  marbles('ignores, once it has closed, how attempts end that began before', ({ flush }) => {
    const bench = circuitBench({ probes: 2 });
    bench.request('late failure', ['fails 200']);
    openWith(bench, { a: ['answers 10'], b: ['fails 30'] });
    flush();
    expect(bench.breaker.snapshot('all')).toEqual({ state: 'closed', failureRatio: 0, throughput: 0, retryAfter: 0 });
  });

  marbles('tells attempts apart that begin at the same time', ({ flush }) => {
    const bench = circuitBench({ breakDuration: 0 });
    bench.request('before', ['answers 5']);
    bench.request('opener', ['fails 0']);
    bench.at(0, () => bench.request('probe', ['fails 9']));
    bench.at(5, () => {
      expect(bench.state()).toBe('half-open');
    });
    flush();
    expect(bench.state()).toBe('open');
  });

  marbles('counts an attempt that an inner gate held until the circuit was closed', ({ flush }) => {
    const bench = circuitBench();
    const gate$ = new Subject<void>();
    bench.request('held', ['fails 10'], { gates: [bench.breaker, defineGate({ name: 'inner', admit: () => gate$ })] });
    openWith(bench);
    bench.at(100, () => bench.request('probe', ['answers 1']));
    bench.at(110, () => {
      expect(bench.state()).toBe('closed');
      gate$.next();
    });
    flush();
    expect(bench.state()).toBe('open 100');
  });

  marbles('ignores an attempt that an inner gate held until it was half-open', ({ flush }) => {
    const bench = circuitBench();
    const gate$ = new Subject<void>();
    bench.request('held', ['fails 10'], { gates: [bench.breaker, defineGate({ name: 'inner', admit: () => gate$ })] });
    openWith(bench);
    bench.at(100, () => {
      bench.request('probe', ['answers 50']);
      gate$.next();
    });
    bench.at(120, () => {
      expect(bench.state()).toBe('half-open');
    });
    flush();
    expect(bench.state()).toBe('closed');
  });
});

describe('The verdict of a probe', () => {
  /** Opens a circuit, has the next request answered at frame 100, and returns the state after a frame. */
  const stateAfter = (flush: () => void, answer: Answer, frame = 200): string => {
    const bench = httpBench(answer);
    let state = '';
    bench.at(100, () => bench.get('probe'));
    bench.at(frame, () => {
      state = bench.state();
    });
    flush();
    return state;
  };

  for (const status of [200, 304, 400, 404, 408, 429, 499]) {
    marbles(`is good with ${String(status)}`, ({ flush }) => {
      expect(stateAfter(flush, status)).toBe('closed');
    });
  }

  for (const status of [500, 503, 599]) {
    marbles(`is bad with ${String(status)}`, ({ flush }) => {
      expect(stateAfter(flush, status)).toBe('open');
    });
  }

  marbles('is bad if the attempt has a timeout', ({ flush }) => {
    expect(stateAfter(flush, NEVER, 1_101)).toBe('open');
  });

  marbles('is known with the headers, while the body is still read', ({ flush }) => {
    const endless = (): Response => new Response(new ReadableStream());
    expect(stateAfter(flush, endless, 101)).toBe('closed');
  });

  marbles('is known with a first value, while the source goes on', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench);
    bench.at(100, () => {
      concat(timer(10), NEVER)
        .pipe(retryWithStrategy({ gates: [bench.breaker] }))
        .subscribe();
    });
    bench.at(111, () => {
      expect(bench.state()).toBe('closed');
    });
    flush();
  });

  marbles('is good if the source completes without a value', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench);
    bench.at(100, () => {
      EMPTY.pipe(retryWithStrategy({ gates: [bench.breaker] })).subscribe();
      expect(bench.state()).toBe('closed');
    });
    flush();
  });

  marbles('is heard before another probe is sent', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench, { a: ['fails 10'], b: ['answers 0'], c: ['answers 0'] });
    flush();
    // A slot that is free before the failure counts would be taken by b.
    expect(bench.lines.filter((line) => line.includes('start'))).toEqual(['100 a start 2/2']);
  });

  marbles('is your function’s', ({ flush }) => {
    const bench = circuitBench({ isFailure: ({ kind }) => kind === 'value' });
    bench.request('opener', ['answers 0']);
    bench.at(1, () => {
      expect(bench.state()).toBe('open 99');
    });
    bench.at(100, () => bench.request('probe', ['fails 0']));
    flush();
    expect(bench.state()).toBe('closed');
  });
});

describe('A probe that leaves without an outcome', () => {
  marbles('makes room for the next retry', ({ flush }) => {
    const bench = circuitBench();
    const leave = openWith(bench, { a: ['hangs'], b: ['hangs'], c: ['answers 1'] });
    bench.at(110, () => leave.get('a')?.());
    bench.at(120, () => leave.get('b')?.());
    flush();
    expect(bench.lines.filter((line) => !line.includes('cancel'))).toEqual([
      '100 a start 2/2',
      '100 b hold 2 circuit-breaker',
      '100 c hold 2 circuit-breaker',
      '110 b start 2/2',
      '120 c start 2/2',
      '121 c value 2 ok +1',
      '121 c success 2 +1',
    ]);
    expect(bench.state()).toBe('closed');
  });

  marbles('makes room for the next first attempt, if no retry is held', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench);
    bench.at(100, () => {
      const leave = bench.request('probe', ['hangs']);
      leave();
      expect(bench.state()).toBe('half-open');
      bench.request('next', ['answers 1']);
    });
    flush();
    expect(bench.state()).toBe('closed');
  });

  const isGone = Object.assign(new Error('gone'), { name: 'AbortError' });
  for (const [what, answer] of [
    ['is cancelled', NEVER],
    ['is ended by its signal', NEVER],
    ['is ended by its total timeout', NEVER],
    ['is ended by close()', NEVER],
    ['fails with an AbortError', isGone],
    ['fails in an interceptor', new Error('no session')],
    ['has an interceptor that is rejected by the same breaker', undefined],
  ] as const) {
    marbles(`(it ${what}) neither closes nor opens the circuit`, ({ flush }) => {
      const bench: HttpBench = httpBench(answer ?? defer(() => bench.client.get('http://a.test/token')));
      const states: string[] = [];
      bench.at(100, () => {
        const controller = new AbortController();
        const leave = bench.get('probe', {
          totalTimeout: what.includes('total') ? 10 : false,
          signal: controller.signal,
        });
        if (what === 'is cancelled') bench.at(110, leave);
        if (what.includes('signal')) {
          bench.at(110, () => {
            controller.abort();
          });
        }
        if (what.includes('close()')) {
          bench.at(110, () => {
            bench.client.close();
          });
        }
      });
      bench.at(150, () => {
        states.push(bench.state());
        bench.get('next', {}, 200);
        states.push(bench.state());
      });
      flush();
      expect(states).toEqual(['half-open', 'closed']);
    });
  }

  marbles('because your isFailure threw, makes room, and the error is reported', ({ flush }) => {
    let calls = 0;
    const bench = circuitBench({
      isFailure: ({ kind }) => {
        calls += 1;
        if (calls === 2) throw new Error('a bug');
        return kind === 'error';
      },
    });
    openWith(bench);
    bench.at(100, () => bench.request('probe', ['answers 0']));
    expect(flush).toThrowError('a bug');
    expect(bench.state()).toBe('half-open');
    bench.request('next', ['answers 0']);
    flush();
    expect(bench.state()).toBe('closed');
  });

  marbles('because an inner gate rejects it, makes room', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench);
    bench.at(100, () => {
      bench.request('rejected', ['answers 0'], {
        gates: [bench.breaker, defineGate({ name: 'inner', admit: () => throwError(() => new Error('full')) })],
      });
      bench.request('crashed', ['answers 0'], {
        gates: [
          bench.breaker,
          defineGate({
            name: 'inner',
            admit: () => {
              throw new Error('a bug');
            },
          }),
        ],
      });
      expect(bench.state()).toBe('half-open');
      bench.request('next', ['answers 0']);
    });
    flush();
    expect(bench.state()).toBe('closed');
  });
});

describe('A probe that never has an outcome', () => {
  // Complaints: Polly #1979, opossum #276, OmniRoute #13836 (half-open for six days).
  marbles('makes room for first attempts after the sampling duration', ({ flush }) => {
    const bench = circuitBench({ samplingDuration: 1_000 });
    openWith(bench);
    bench.at(100, () => bench.request('a', ['hangs']));
    bench.at(1_099, () => bench.request('b', ['answers 0']));
    bench.at(1_100, () => bench.request('c', ['hangs']));
    bench.at(1_101, () => bench.request('d', ['answers 0']));
    bench.at(2_100, () => bench.request('e', ['answers 0']));
    flush();
    expect(bench.lines.filter((line) => line.includes('start'))).toEqual([
      '100 a start 1/1',
      '1100 c start 1/1',
      '2100 e start 1/1',
    ]);
    expect(bench.state()).toBe('closed');
  });

  marbles('makes room for retries that are held after the sampling duration', ({ flush }) => {
    const bench = circuitBench({ samplingDuration: 1_000 });
    openWith(bench, { a: ['hangs'], b: ['hangs'], c: ['answers 0'] });
    flush();
    expect(bench.lines.filter((line) => line.includes('start'))).toEqual([
      '100 a start 2/2',
      '1100 b start 2/2',
      '2100 c start 2/2',
    ]);
  });

  marbles('makes room for a retry that came later than the probe', ({ flush }) => {
    const bench = circuitBench({ samplingDuration: 1_000 });
    bench.request('a', ['fails 1', 'answers 0'], { backoff: constant(600) });
    bench.request('opener', ['fails 0']);
    bench.at(100, () => bench.request('probe', ['hangs']));
    flush();
    expect(bench.lines.filter((line) => line.includes('start')).at(-1)).toBe('1100 a start 2/2');
  });

  marbles('still decides if it has one later', ({ flush }) => {
    const bench = circuitBench({ samplingDuration: 1_000 });
    openWith(bench);
    bench.at(100, () => bench.request('a', ['answers 1500']));
    bench.at(1_100, () => bench.request('b', ['hangs']));
    bench.at(1_599, () => {
      expect(bench.state()).toBe('half-open');
    });
    bench.at(1_601, () => {
      expect(bench.state()).toBe('closed');
    });
    flush();
  });

  marbles('leaves no timer behind when the retries that were held have left', ({ flush }) => {
    const bench = circuitBench();
    const leave = openWith(bench, { a: ['hangs'], b: ['hangs'], c: ['hangs'] });
    for (const [frame, name] of [
      [110, 'b'],
      [120, 'c'],
    ] as const) {
      bench.at(frame, () => {
        leave.get(name)?.();
      });
    }
    bench.at(140, () => {
      bench.note('the end');
    });
    flush();
    bench.note('all timers have fired');
    expect(bench.lines.slice(-2)).toEqual(['140 the end', '140 all timers have fired']);
  });

  marbles('leaves no timer behind when the circuit closes', ({ flush }) => {
    const bench = circuitBench();
    openWith(bench, { a: ['answers 10'], b: ['answers 0'] });
    flush();
    bench.note('all timers have fired');
    expect(bench.lines.at(-1)).toBe('110 all timers have fired');
  });
});
