import { EMPTY, map, mergeMap, NEVER, of, Subject, throwError, timer } from 'rxjs';

import { type AttemptEvent, concurrencyLimit, constant, defineGate, type RetryStrategy } from '../../src/index.js';
import {
  type Scenario,
  type Server,
  type ServerAnswer,
  simulate,
  type SimulationReport,
} from '../../src/simulate/index.js';

/** One request at 0, of one client, with 10 ms to the server and 10 ms back. */
function simulateOne(
  server: Server,
  strategy: RetryStrategy = { attempts: 1 },
  scenario: Partial<Scenario> = {},
): SimulationReport {
  return simulate({ duration: 10_000, rate: 'together', network: () => 10, server, ...scenario }, { one: strategy })
    .one;
}

/** Returns a server with an answer for each request; the last one stays. */
function answering(...answers: readonly ReturnType<Server>[]): Server {
  let count = 0;
  return () => {
    count += 1;
    return answers[Math.min(count, answers.length) - 1]!;
  };
}

/** Returns a gate that notes events, as `type@ms`, and a failure's error. */
function listener(): { gate: NonNullable<RetryStrategy['gates']>[number]; events: string[]; errors: unknown[] } {
  const events: string[] = [];
  const errors: unknown[] = [];
  const gate = defineGate({
    name: 'listener',
    next: (event: AttemptEvent) => {
      events.push(`${event.type}@${Math.round(performance.now())}`);
      if ('outcome' in event && event.outcome.kind === 'error') errors.push(event.outcome.error);
    },
  });
  return { gate, events, errors };
}

const ok: ServerAnswer = { delay: 50, status: 200 };
const unavailable: ServerAnswer = { delay: 50, status: 503 };

describe('A simulated server', () => {
  it('gets a message after the time of the network, and its answer takes that time, too', () => {
    const seen: number[] = [];
    const report = simulateOne(({ at, inFlight }) => {
      seen.push(at, inFlight);
      return ok;
    });

    expect(seen).toEqual([10, 1]);
    expect(report).toEqual({
      load: 1,
      success: 1,
      latency: { p50: 70, p90: 70, p99: 70, max: 70 },
      series: [
        {
          at: 0,
          offered: 1,
          arrived: 1,
          answered: 1,
          failed: 0,
          retries: 0,
          hedges: 0,
          rejected: 0,
          held: 0,
          inFlight: 0,
        },
      ],
      requests: 1,
      messages: 1,
      pending: 0,
      lastEnd: 70,
    });
  });

  it('answers with a status and headers, which the client reads whatever their case', () => {
    const limited: ServerAnswer = { delay: 0, status: 429, headers: { 'RETRY-After': '2' } };
    const { gate, events } = listener();
    simulateOne(answering(limited, ok), { attempts: 2, backoff: constant(0), random: () => 0, gates: [gate] });

    expect(events.filter((event) => event.startsWith('start'))).toEqual(['start@0', 'start@2020']);
  });

  for (const [name, answer, sent] of [
    ['refuses connections', { delay: 5, failure: 'connect' }, false],
    ['cuts connections', { delay: 5, failure: 'cut' }, undefined],
  ] as const) {
    it(`that ${name} causes an error of the network, which is retried`, () => {
      const { gate, errors } = listener();
      const report = simulateOne(answering(answer, ok), { attempts: 2, backoff: constant(0), gates: [gate] });

      expect([report.success, report.messages, report.lastEnd]).toEqual([1, 2, 25 + 70]);
      expect(errors).toEqual([jasmine.objectContaining({ name: 'HttpNetworkError', attempt: jasmine.anything() })]);
      expect((errors[0] as { sent?: boolean }).sent === false).toBe(sent === false);
    });
  }

  it('gets a refused message again also where the strategy retries no method, since nothing was sent', () => {
    const attempts = (failure: 'connect' | 'cut'): number =>
      simulateOne(answering({ delay: 5, failure }), { attempts: 3, backoff: constant(0), methods: [] }).messages;

    expect([attempts('connect'), attempts('cut')]).toEqual([3, 1]);
  });

  it('that is silent holds nothing, and the client waits for its timeout', () => {
    const report = simulateOne(answering('silent'), { attempts: 2, backoff: constant(0) }, { timeout: 3_000 });

    expect([report.success, report.messages, report.lastEnd]).toEqual([0, 2, 6_000]);
    expect(report.series[2]!.inFlight).toBe(0);
  });

  it('ends a request that takes longer than totalTimeout', () => {
    expect(simulateOne(answering('silent'), {}, { totalTimeout: 2_500 }).lastEnd).toBe(2_500);
  });

  it('works on for a client that has left, and a late answer is no answer', () => {
    const inFlight: number[] = [];
    const report = simulateOne(
      (request) => {
        inFlight.push(request.inFlight);
        return { delay: 4_500, status: 200 };
      },
      { attempts: 3, backoff: constant(0) },
      { timeout: 1_000 },
    );

    expect(inFlight).toEqual([1, 2, 3]);
    expect(report.series.map((second) => second.inFlight)).toEqual([1, 2, 3, 3, 2, 1, 0]);
    expect([report.success, report.messages, report.lastEnd]).toEqual([0, 3, 3_000]);
  });

  it('gets a message whose client leaves before it arrives', () => {
    const report = simulateOne(() => ok, { attempts: 1 }, { network: () => 500, timeout: 100 });

    // The run is over with the last message, not with the last request.
    expect([report.messages, report.lastEnd, report.success]).toEqual([1, 100, 0]);
  });

  it('is one for each URL, each with its own memory, and the client turns to the next', () => {
    const seen: string[] = [];
    const server: Server = ({ url, inFlight, memory }) => {
      const visits = ((memory.get('visits') as number | undefined) ?? 0) + 1;
      memory.set('visits', visits);
      seen.push(`${url} ${visits} ${inFlight}`);
      return url.includes('eu') ? 'silent' : visits === 1 ? unavailable : ok;
    };
    const urls = ['http://eu.test/', 'http://us.test/'];
    const report = simulateOne(server, { attempts: 4, backoff: constant(0) }, { urls, timeout: 1_000 });

    expect(seen).toEqual(['http://eu.test/ 1 1', 'http://us.test/ 1 1', 'http://eu.test/ 2 1', 'http://us.test/ 2 1']);
    expect([report.success, report.messages]).toEqual([1, 4]);
  });

  it('gets nothing after the end, when clients leave and a gate would let the next ones in', () => {
    let calls = 0;
    const server: Server = () => {
      calls += 1;
      return 'silent';
    };
    const gates = [concurrencyLimit({ max: 1 })];
    const report = simulate({ duration: 1_000, clients: 5, rate: 'together', server }, { one: { gates } });

    expect([report.one.messages, report.one.pending, calls]).toEqual([1, 5, 1]);
  });

  it('forgets all between two runs', () => {
    const sizes: number[] = [];
    const server: Server = ({ memory }) => {
      sizes.push(memory.size);
      memory.set(memory.size, true);
      return ok;
    };
    simulate({ duration: 1_000, clients: 2, rate: 'together', server }, { one: {}, other: {} });

    expect(sizes).toEqual([0, 1, 0, 1]);
  });

  it('knows the client, and the number of the attempt', () => {
    const seen: string[] = [];
    const server: Server = ({ client, attempt }) => {
      seen.push(`${client}:${attempt.number}`);
      return unavailable;
    };
    simulate({ duration: 1_000, clients: 2, rate: 'together', server }, { two: { attempts: 2, backoff: constant(0) } });

    expect(seen).toEqual(['0:1', '1:1', '0:2', '1:2']);
  });
});

describe('A simulated server that answers by an Observable', () => {
  it('answers with the first value, when it comes', () => {
    const report = simulateOne(({ at }) => (at < 50 ? of(unavailable, ok) : timer(40).pipe(map(() => ok))), {
      attempts: 2,
      backoff: constant(0),
    });

    expect([report.success, report.messages, report.lastEnd]).toEqual([1, 2, 180]);
  });

  it('waits in virtual time, and the request is at the server meanwhile', () => {
    const answer = new Subject<ServerAnswer>();
    const server: Server = ({ inFlight }) => {
      if (inFlight === 1) {
        setTimeout(() => {
          answer.next({ delay: 0, status: 200 });
        }, 2_500);
      }
      return answer;
    };
    const report = simulate({ duration: 9_000, clients: 4, rate: 'together', server }, { one: {} }).one;

    expect(report.series.map(({ inFlight, answered }) => [inFlight, answered])).toEqual([
      [4, 0],
      [4, 0],
      [0, 4],
    ]);
    expect(answer.observed).toBeFalse();
  });

  it('is silent if the Observable completes without a value', () => {
    const report = simulateOne(() => EMPTY, { attempts: 1 }, { timeout: 1_500 });

    expect([report.success, report.lastEnd, report.series[0]!.inFlight]).toEqual([0, 1_500, 0]);
  });

  it('holds the request for ever if the Observable never emits', () => {
    expect(simulateOne(() => NEVER, { attempts: 1 }, { timeout: 1_500 }).series[0]!.inFlight).toBe(1);
  });

  it('ends the simulation with the error of the Observable', () => {
    const expected = new Error('of the model');

    expect(() => simulateOne(() => throwError(() => expected))).toThrow(expected);
    expect(() => simulateOne(() => timer(5).pipe(mergeMap(() => throwError(() => expected))))).toThrow(expected);
  });

  it('has no subscription to the Observable after the run, nor after a run that fails', () => {
    const answers = new Subject<ServerAnswer>();
    const server: Server = () => answers;
    simulate({ duration: 1_000, clients: 3, rate: 'together', timeout: 100, server }, { one: {} });

    expect(answers.observed).toBeFalse();
    expect(() =>
      simulateOne(() => {
        setTimeout(() => {
          throw new Error('of a timer');
        }, 10);
        return answers;
      }),
    ).toThrowError('of a timer');

    expect(answers.observed).toBeFalse();
  });
});
