import { asyncScheduler, map, mergeMap, NEVER, type Observable, of, Subject, Subscription, timer } from 'rxjs';

import {
  circuitBreaker,
  type CircuitBreakerOptions,
  constant,
  defineGate,
  GateRejectedError,
  hedging,
  RetryClient,
  retryWithStrategy,
} from '../../src/index.js';
import { circuitBench, type CircuitBench, type Reply } from '../support/circuit.js';
import { formatEvent, watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { marbles } from '../support/virtual-time.js';

/** Subscribes at a frame. */
function later(frame: number, request$: Observable<unknown>): void {
  timer(frame)
    .pipe(mergeMap(() => request$))
    .subscribe();
}

const starts = ({ lines }: CircuitBench): string[] => lines.filter((line) => line.includes('start'));

describe('circuitBreaker and its options:', () => {
  it('refuses values that it could not use, by name', () => {
    const bad: [CircuitBreakerOptions, ErrorConstructor, ...string[]][] = [
      [{ failureRatio: 1.1 }, RangeError, 'failureRatio', '1.1', 'from 0 to 1'],
      [{ failureRatio: -0.1 }, RangeError, 'failureRatio', '-0.1'],
      [{ failureRatio: NaN }, RangeError, 'failureRatio', 'NaN'],
      [{ failureRatio: '50%' as never }, TypeError, 'failureRatio', "'50%'"],
      [{ minimumThroughput: 0 }, RangeError, 'minimumThroughput', '0', 'whole number'],
      [{ minimumThroughput: 1.5 }, RangeError, 'minimumThroughput', '1.5'],
      [{ samplingDuration: 0 }, RangeError, 'samplingDuration', '0', 'above 0'],
      [{ samplingDuration: Infinity }, RangeError, 'samplingDuration', 'Infinity'],
      [{ breakDuration: -1 }, RangeError, 'breakDuration', '-1', 'at least 0', 'function'],
      [{ breakDuration: Infinity }, RangeError, 'breakDuration', 'Infinity'],
      [{ breakDuration: '5s' as never }, TypeError, 'breakDuration', "'5s'"],
      [{ probes: 0 }, RangeError, 'probes', '0'],
      [{ probes: Infinity }, RangeError, 'probes', 'Infinity'],
      [{ isFailure: true as never }, TypeError, 'isFailure', 'true', 'a function'],
      [{ blocks: 'all' as never }, RangeError, 'blocks', "'all'", "'attempts' or 'retries'"],
      [{ by: 'host' as never }, TypeError, 'by', "'host'", "'origin', 'all'"],
      [{ failureRate: 1 } as never, TypeError, 'unknown option "failureRate"', 'failureRatio'],
      ['5s' as never, TypeError, 'options', "'5s'"],
    ];
    for (const [options, kind, ...parts] of bad) expectRefusal(() => circuitBreaker(options), [kind], ...parts);
  });

  it('takes the values at the edges, and undefined for a default', () => {
    for (const options of [
      { failureRatio: 0, minimumThroughput: 1, samplingDuration: 0.1, breakDuration: 0, probes: 1 },
      { failureRatio: 1, breakDuration: () => 1, blocks: 'retries', by: () => '' },
      { failureRatio: undefined, breakDuration: undefined, isFailure: undefined, by: 'all' },
    ] as CircuitBreakerOptions[]) {
      expect(() => circuitBreaker(options)).not.toThrow();
    }
  });

  it('refuses keys that are no text', () => {
    const breaker = circuitBreaker();
    expectRefusal(
      () => {
        breaker.isolate(undefined as never);
      },
      [TypeError],
      'key must be',
      'undefined',
    );
    expectRefusal(
      () => {
        breaker.close(new URL('http://a.test') as never);
      },
      [TypeError],
      'key must be',
    );
  });
});

describe('A circuit breaker that blocks retries', () => {
  marbles('sends first attempts in every state, and has retries wait', ({ flush }) => {
    const bench = circuitBench({ blocks: 'retries' });
    bench.request('a', ['fails 0', 'answers 0']);
    bench.at(10, () => bench.request('b', ['fails 1', 'answers 0'], { attempts: 1 }));
    bench.at(20, () => {
      bench.breaker.isolate('all');
      bench.request('c', ['answers 1']);
    });
    flush();
    expect(starts(bench)).toEqual(['0 a start 1/2', '10 b start 1/1', '20 c start 1/1']);
    expect(bench.lines.at(-1)).toContain('a failure 2 (error: rejected by the gate "circuit-breaker"');
  });

  marbles('is not opened for longer by first attempts that fail', ({ flush }) => {
    const bench = circuitBench({ blocks: 'retries' });
    bench.request('a', ['fails 0']);
    bench.at(50, () => bench.request('b', ['fails 1']));
    bench.at(60, () => {
      expect(bench.state()).toBe('open 40');
      expect(bench.breaker.snapshot('all').throughput).toBe(2);
    });
    flush();
  });

  marbles('takes a first attempt after the break for a probe, and holds retries', ({ flush }) => {
    const bench = circuitBench({ blocks: 'retries' });
    bench.request('a', ['fails 0', 'answers 0'], { backoff: constant(150) });
    bench.at(110, () => bench.request('b', ['answers 100']));
    bench.at(160, () => bench.request('c', ['hangs']));
    flush();
    expect(starts(bench)).toEqual(['0 a start 1/2', '110 b start 1/1', '160 c start 1/1', '210 a start 2/2']);
  });

  marbles('is decided by any first attempt, even if there are more than probes', ({ flush }) => {
    const bench = circuitBench({ blocks: 'retries' });
    bench.request('a', ['fails 0']);
    bench.at(110, () => bench.request('b', ['hangs']));
    bench.at(120, () => bench.request('c', ['answers 10']));
    bench.at(131, () => {
      expect(bench.state()).toBe('closed');
    });
    flush();
  });
});

describe('A circuit that is controlled by hand', () => {
  marbles('rejects while it is isolated, until it is closed', ({ flush }) => {
    const bench = circuitBench();
    bench.breaker.isolate('all');
    expect(bench.breaker.snapshot('all')).toEqual({
      state: 'isolated',
      failureRatio: 0,
      throughput: 0,
      retryAfter: Infinity,
    });
    bench.at(10_000, () => bench.request('a', ['answers 0']));
    bench.at(10_001, () => {
      bench.breaker.close('all');
      bench.request('b', ['answers 0']);
    });
    flush();
    expect(bench.lines).toEqual([
      '10000 a failure 1 (error: rejected by the gate "circuit-breaker": the circuit is isolated (attempt 1 of 1)) +0 rejected',
      '10001 b start 1/1',
      '10001 b value 1 ok +0',
      '10001 b success 1 +0',
    ]);
  });

  it('has no retryAfter in the error while it is isolated', () => {
    const breaker = circuitBreaker();
    breaker.isolate('all');
    const errors: unknown[] = [];
    NEVER.pipe(retryWithStrategy({ gates: [breaker] })).subscribe({ error: (error: unknown) => errors.push(error) });
    expect(errors).toEqual([jasmine.any(GateRejectedError)]);
    expect(errors[0]).not.toEqual(jasmine.objectContaining({ retryAfter: jasmine.anything() }));
  });

  marbles('leaves an outcome as it is if it is isolated, since no retry can wait for it', ({ flush }) => {
    const bench = circuitBench({ minimumThroughput: 2 });
    bench.request('a', ['fails 10', 'answers 0'], { maxRetryAfter: Infinity });
    bench.at(5, () => {
      bench.breaker.isolate('all');
    });
    flush();
    expect(bench.lines).toEqual(['0 a start 1/2', '10 a failure 1 (error: down) +10 rejected']);
  });

  for (const [method, expected] of [
    ['isolate', ['100 a start 2/2']],
    ['close', ['100 a start 2/2', '150 b start 2/2', '150 c start 2/2']],
  ] as const) {
    marbles(`${method === 'isolate' ? 'rejects' : 'sends'} the retries that it holds on ${method}()`, ({ flush }) => {
      const bench = circuitBench();
      for (const [name, text] of Object.entries({ a: 'hangs', b: 'answers 0', c: 'answers 0' })) {
        bench.request(name, ['fails 1', text as Reply]);
      }
      bench.request('opener', ['fails 0']);
      bench.at(99, () => bench.take());
      bench.at(150, () => {
        bench.breaker[method]('all');
      });
      flush();
      expect(starts(bench)).toEqual([...expected]);
      expect(bench.lines.filter((line) => line.includes('is isolated')).length).toBe(method === 'isolate' ? 2 : 0);
    });
  }

  marbles('forgets its counts and its openings when it is closed', ({ flush }) => {
    const openings: number[] = [];
    const bench = circuitBench({
      minimumThroughput: 2,
      breakDuration: (count) => {
        openings.push(count);
        return 100;
      },
    });
    bench.request('a', ['fails 0']);
    bench.at(1, () => {
      expect(bench.breaker.snapshot('all').throughput).toBe(1);
      bench.breaker.close('all');
      expect(bench.breaker.snapshot('all').throughput).toBe(0);
      bench.request('b', ['fails 0']);
      bench.request('c', ['fails 0']);
    });
    bench.at(10, () => {
      expect(bench.state()).toBe('open 91');
      bench.breaker.close('all');
      bench.request('b', ['fails 0']);
      bench.request('c', ['fails 0']);
    });
    flush();
    expect(openings).toEqual([1, 1]);
  });

  marbles('has no break left when it is closed', ({ flush }) => {
    const bench = circuitBench({ minimumThroughput: 2 });
    bench.request('a', ['fails 0']);
    bench.request('b', ['fails 0']);
    bench.at(10, () => {
      bench.breaker.close('all');
      expect(bench.state()).toBe('closed');
      bench.request('c', ['fails 0', 'answers 0']);
    });
    flush();
    expect(starts(bench).slice(2)).toEqual(['10 c start 1/2', '10 c start 2/2']);
  });

  marbles('ignores how attempts end that began before it was closed or isolated', ({ flush }) => {
    const bench = circuitBench();
    bench.request('a', ['fails 10']);
    bench.request('b', ['fails 20']);
    bench.at(5, () => {
      bench.breaker.close('all');
    });
    bench.at(15, () => {
      expect(bench.state()).toBe('closed');
      bench.breaker.isolate('all');
    });
    flush();
    expect(bench.state()).toBe('isolated Infinity');
  });

  it('is created when it is isolated, and not when it is closed', () => {
    const breaker = circuitBreaker();
    breaker.close('http://a.test');
    expect(breaker.snapshot().size).toBe(0);
    breaker.isolate('http://a.test');
    expect([...breaker.snapshot().keys()]).toEqual(['http://a.test']);
  });
});

describe('The circuits of a breaker', () => {
  const failing = (breaker: ReturnType<typeof circuitBreaker>): RetryClient =>
    new RetryClient({ interceptors: [network(500).interceptor], strategy: { gates: [breaker], attempts: 1 } });
  const states = (breaker: ReturnType<typeof circuitBreaker>): string[] =>
    [...breaker.snapshot()].map(([key, { state }]) => `${key} ${state}`);

  marbles('are one for each origin, however many clients share it', ({ flush }) => {
    const breaker = circuitBreaker({ minimumThroughput: 2 });
    for (const url of ['http://a.test/x', 'http://a.test:80/y', 'https://a.test/x', 'http://b.test/']) {
      failing(breaker).get(url).subscribe();
    }
    flush();
    expect(states(breaker)).toEqual(['http://a.test open', 'https://a.test closed', 'http://b.test closed']);
  });

  marbles('are one for all, or for each key of your own', ({ flush }) => {
    const all = circuitBreaker({ minimumThroughput: 2, by: 'all' });
    const own = circuitBreaker({ minimumThroughput: 2, by: ({ method = '' }) => method });
    for (const breaker of [all, own]) {
      failing(breaker).get('http://a.test/').subscribe();
      failing(breaker).get('http://b.test/').subscribe();
      failing(breaker)
        .head('http://a.test/')
        .subscribe({ error: () => undefined });
    }
    flush();
    expect(states(all)).toEqual(['all open']);
    expect(states(own)).toEqual(['GET open', 'HEAD closed']);
  });

  marbles('end a request with the error that your by throws', ({ flush }) => {
    const breaker = circuitBreaker({
      by: () => {
        throw new Error('no key');
      },
    });
    const { lines } = watch(failing(breaker).get('http://a.test/'));
    flush();
    expect(lines).toEqual(['0 error: no key']);
  });

  /** A breaker with a circuit for each path. The first answer of `/fails` is a failure, and the second never comes. */
  const manyCircuits = () => {
    const breaker = circuitBreaker({ minimumThroughput: 1, by: ({ url = '' }) => new URL(url).pathname });
    const failing = network(500, NEVER);
    const client = new RetryClient({
      baseUrl: 'http://a.test/',
      strategy: { gates: [breaker], attempts: 1 },
      interceptors: [
        (request, next) =>
          request.url.endsWith('fails') ? failing.interceptor(request, next) : of(new Response(null, { status: 200 })),
      ],
    });
    const get = (path: string): Subscription => client.get(path).subscribe();
    const useOthers = (prefix: string): void => {
      for (let count = 0; count < 1_100; count += 1) get(`${prefix}-${String(count)}`);
    };
    return { breaker, get, useOthers };
  };

  marbles('can be dropped while an inner gate holds an attempt, whose outcome then counts as nothing', ({ flush }) => {
    const { breaker, useOthers } = manyCircuits();
    const opened$ = new Subject<void>();
    const holds = defineGate({ name: 'holds', admit: () => opened$ });
    const { lines } = watch(
      new RetryClient({
        interceptors: [network(500).interceptor],
        strategy: { gates: [breaker, holds], attempts: 1 },
      }).get('http://a.test/held'),
      ({ status }) => String(status),
    );
    useOthers('other');
    opened$.next();
    flush();
    expect(lines[0]).toBe('0 500');
    expect(breaker.snapshot().has('/held')).toBeFalse();
  });

  marbles('are kept while they are open or isolated, if there are a thousand others', ({ flush }) => {
    const { breaker, get, useOthers } = manyCircuits();
    get('answers');
    get('fails');
    breaker.isolate('/isolated');
    useOthers('a');
    const circuits = breaker.snapshot();
    expect(circuits.size).toBe(1_000);
    expect(circuits.has('/answers')).toBeFalse();
    expect(circuits.get('/fails')?.state).toBe('open');
    timer(5_000).subscribe(() => {
      useOthers('b');
    });
    flush();
    // A break that is over is nothing to keep.
    expect(breaker.snapshot().has('/fails')).toBeFalse();
    expect(breaker.snapshot().get('/isolated')?.state).toBe('isolated');
  });

  marbles('are kept while a probe is under way, if there are a thousand others', ({ flush }) => {
    const { breaker, get, useOthers } = manyCircuits();
    get('fails');
    const probe = new Subscription();
    timer(5_000).subscribe(() => {
      probe.add(get('fails'));
      useOthers('a');
      expect(breaker.snapshot().get('/fails')?.state).toBe('half-open');
      probe.unsubscribe();
      useOthers('b');
      expect(breaker.snapshot().has('/fails')).toBeFalse();
    });
    flush();
  });

  it('are not created by questions', () => {
    const breaker = circuitBreaker();
    expect(breaker.snapshot('http://a.test')).toEqual({
      state: 'closed',
      failureRatio: 0,
      throughput: 0,
      retryAfter: 0,
    });
    expect(breaker.snapshot().size).toBe(0);
  });

  marbles('tell each change', ({ flush }) => {
    const bench = circuitBench({ minimumThroughput: 2 });
    const changes: string[] = [];
    bench.breaker.changes$.subscribe(({ key, state, failureRatio, throughput, retryAfter }) => {
      changes.push([key, state, failureRatio, throughput, retryAfter].join(' '));
    });
    bench.request('a', ['answers 0']);
    bench.at(1, () => bench.request('b', ['fails 0']));
    bench.at(101, () => bench.request('c', ['answers 0']));
    bench.at(110, () => {
      bench.breaker.isolate('all');
      bench.breaker.close('all');
    });
    flush();
    expect(changes).toEqual([
      'all closed 0 1 0',
      'all open 0.5 2 100',
      'all half-open 0.5 2 0',
      'all closed 0 0 0',
      'all isolated 0 0 Infinity',
      'all closed 0 0 0',
    ]);
  });
});

describe('A circuit breaker and several base URLs:', () => {
  const eu = 'http://eu.test/';
  const us = 'http://us.test/';
  const okAfter = (ms: number) => timer(ms).pipe(map(() => new Response(null, { status: 200 })));
  /** Sends a request after some circuits were opened or isolated; returns its events. */
  const setup = (options: CircuitBreakerOptions = {}) => {
    const breaker = circuitBreaker({ minimumThroughput: 1, breakDuration: 1_000, ...options });
    const strategy = { gates: [breaker], backoff: constant(0), random: () => 0 };
    const open = (url: string): void => {
      new RetryClient({ interceptors: [network(500).interceptor], strategy: { ...strategy, attempts: 1 } })
        .get(url)
        .subscribe();
    };
    return { breaker, strategy, open };
  };

  marbles('attempt 1 goes to the next one if the first is open', ({ flush }) => {
    const { strategy, open } = setup();
    const { interceptor, urls } = network(200);
    open(eu);
    const client = new RetryClient({ interceptors: [interceptor], strategy, baseUrl: [eu, us] });
    const { lines } = watch(client.get('x', { observe: 'attempts' }), formatEvent);
    flush();
    expect(urls()).toEqual(['http://us.test/x']);
    expect(lines[0]).toBe('0 start 1/3');
  });

  marbles('no attempt is used for one that is open', ({ flush }) => {
    const { strategy, open } = setup();
    const { interceptor, urls } = network(429, 429, 200);
    open(eu);
    const client = new RetryClient({ interceptors: [interceptor], strategy, baseUrl: [eu, us] });
    const { lines } = watch(client.get('x', { observe: 'attempts' }), formatEvent);
    flush();
    expect(urls()).toEqual(['http://us.test/x', 'http://us.test/x', 'http://us.test/x']);
    expect(lines.at(-2)).toBe('0 success 3 +0');
  });

  marbles('a POST goes to the next one, too', ({ flush }) => {
    const { strategy, open } = setup();
    const { interceptor, urls } = network(200);
    open(eu);
    new RetryClient({ interceptors: [interceptor], strategy, baseUrl: [eu, us] }).post('x', { a: 1 }).subscribe();
    flush();
    expect(urls()).toEqual(['http://us.test/x']);
  });

  marbles('if all are open, the request fails at once, with the shortest break', ({ flush }) => {
    const { strategy, open } = setup();
    const { interceptor, requests } = network(200);
    const errors: unknown[] = [];
    open(us);
    timer(300).subscribe(() => {
      open(eu);
    });
    const client = new RetryClient({ interceptors: [interceptor], strategy, baseUrl: [eu, us] });
    timer(500)
      .pipe(mergeMap(() => client.get('x')))
      .subscribe({ error: (error: unknown) => errors.push(error, asyncScheduler.now()) });
    flush();
    expect(requests).toEqual([]);
    expect(errors).toEqual([jasmine.any(GateRejectedError), 500]);
    expect(errors[0]).toEqual(jasmine.objectContaining({ retryAfter: 500 }));
  });

  for (const totalTimeout of [false, 10_000] as const) {
    marbles(`a retry passes over one that is isolated, with totalTimeout: ${String(totalTimeout)}`, ({ flush }) => {
      const { breaker, strategy } = setup({ minimumThroughput: 2 });
      const { interceptor, urls } = network(503, 200);
      breaker.isolate('http://us.test');
      new RetryClient({ interceptors: [interceptor], strategy, baseUrl: [eu, us], totalTimeout }).get('x').subscribe();
      flush();
      expect(urls()).toEqual(['http://eu.test/x', 'http://eu.test/x']);
    });
  }

  marbles('a retry prefers a free one to one that would hold it', ({ flush }) => {
    const { strategy, open } = setup();
    open(eu);
    const probe = new RetryClient({ interceptors: [network(okAfter(500)).interceptor], strategy });
    later(1_000, probe.get(eu));
    const { interceptor, urls } = network(429, 200);
    later(1_100, new RetryClient({ interceptors: [interceptor], strategy, baseUrl: [us, eu] }).get('x'));
    flush();
    expect(urls()).toEqual(['http://us.test/x', 'http://us.test/x']);
  });

  marbles('a first attempt goes to another one while the probe of one is under way', ({ flush }) => {
    const { strategy, open } = setup();
    open(eu);
    const probe = new RetryClient({ interceptors: [network(okAfter(500)).interceptor], strategy });
    later(1_000, probe.get(eu));
    const { interceptor, urls } = network(200);
    later(1_100, new RetryClient({ interceptors: [interceptor], strategy, baseUrl: [eu, us] }).get('x'));
    flush();
    expect(urls()).toEqual(['http://us.test/x']);
  });

  marbles('attempts come back to the first one after its break', ({ flush }) => {
    const { breaker, strategy, open } = setup();
    const { interceptor, urls } = network(200);
    open(eu);
    const client = new RetryClient({ interceptors: [interceptor], strategy, baseUrl: [eu, us] });
    for (const frame of [999, 1_000]) later(frame, client.get('x'));
    flush();
    expect(urls()).toEqual(['http://us.test/x', 'http://eu.test/x']);
    expect(breaker.snapshot('http://eu.test').state).toBe('closed');
  });
});

describe('A circuit breaker and hedges:', () => {
  const slow = (ms: number) => timer(ms).pipe(map(() => new Response(null, { status: 200 })));

  for (const blocks of ['attempts', 'retries'] as const) {
    marbles(`a hedge is not sent where ${blocks} are blocked`, ({ flush }) => {
      const breaker = circuitBreaker({ blocks, by: 'all' });
      const { interceptor, requests } = network(slow(100), 200);
      const client = new RetryClient({
        interceptors: [interceptor],
        strategy: { gates: [breaker], hedge: hedging({ after: 10 }) },
      });
      client.get('http://a.test/').subscribe();
      timer(5).subscribe(() => {
        breaker.isolate('all');
      });
      flush();
      expect(requests.length).toBe(1);
    });
  }

  marbles('a hedge can be the probe of another server, and makes room if it loses', ({ flush }) => {
    const breaker = circuitBreaker({ minimumThroughput: 1, breakDuration: 10 });
    const strategy = { gates: [breaker], attempts: 1 };
    new RetryClient({ interceptors: [network(500).interceptor], strategy }).get('http://us.test/').subscribe();
    const { interceptor, urls } = network(slow(30), NEVER);
    new RetryClient({
      interceptors: [interceptor],
      strategy: { ...strategy, hedge: hedging({ after: 20 }) },
      baseUrl: ['http://eu.test/', 'http://us.test/'],
    })
      .get('x')
      .subscribe();
    timer(25).subscribe(() => {
      expect(breaker.snapshot('http://us.test').state).toBe('half-open');
    });
    timer(40).subscribe(() => {
      expect(breaker.snapshot('http://us.test').state).toBe('half-open');
    });
    later(41, new RetryClient({ interceptors: [network(200).interceptor], strategy }).get('http://us.test/'));
    flush();
    expect(urls()).toEqual(['http://eu.test/x', 'http://us.test/x']);
    expect(breaker.snapshot('http://us.test').state).toBe('closed');
  });

  marbles('a hedge’s failure counts for its own origin', ({ flush }) => {
    const breaker = circuitBreaker({ minimumThroughput: 1 });
    const { interceptor } = network(slow(30), 503);
    new RetryClient({
      interceptors: [interceptor],
      strategy: { gates: [breaker], hedge: hedging({ after: 20 }) },
      baseUrl: ['http://eu.test/', 'http://us.test/'],
    })
      .get('x')
      .subscribe();
    flush();
    expect(breaker.snapshot('http://us.test').state).toBe('open');
    expect(breaker.snapshot('http://eu.test').state).toBe('closed');
  });
});
