import {
  circuitBreaker,
  concurrencyLimit,
  constant,
  exponential,
  fullJitter,
  gradient,
  hedging,
  retryBudget,
  type RetryStrategy,
} from '../../src/index.js';
import { exponentialVariate } from '../../src/simulate/exponential-variate.js';
import {
  combine,
  failing,
  queueing,
  type Scenario,
  scenarios,
  type Server,
  simulate,
  slowing,
} from '../../src/simulate/index.js';

const service = combine(
  failing(0.1),
  queueing({ workers: 5, serviceTime: (random) => 50 * exponentialVariate(random) }),
);

const scenario: Scenario = {
  seed: 7,
  duration: 6_000,
  clients: 10,
  rate: (at) => (at < 3_000 ? 5 : 15),
  timeout: 400,
  network: (random) => 5 * exponentialVariate(random),
  urls: ['http://eu.test/', 'http://us.test/'],
  server: service,
};

const strategies = {
  plain: { attempts: 1 },
  jitter: { attempts: 4, backoff: fullJitter(exponential({ initial: 50 })) },
  gates: (): RetryStrategy => ({
    attempts: 3,
    hedge: hedging({ after: 200 }),
    gates: [retryBudget(), circuitBreaker(), concurrencyLimit({ max: gradient() })],
  }),
};

describe('A report', () => {
  it('is the same for the same seed, the second time in a process as the first', () => {
    const report = simulate(scenario, strategies);

    expect(simulate(scenario, strategies)).toEqual(report);
    expect(report.gates.load).toBeGreaterThan(1);
  });

  it('differs for another seed', () => {
    const report = simulate(scenario, strategies);

    expect(simulate({ ...scenario, seed: 8 }, strategies)).not.toEqual(report);
    expect(simulate({ ...scenario, seed: -7 }, strategies)).not.toEqual(report);
  });

  it('of a strategy does not depend on the others, nor on their order', () => {
    const report = simulate(scenario, strategies);
    const { plain, jitter, gates } = strategies;

    expect(simulate(scenario, { gates, jitter, plain })).toEqual(report);
    expect(simulate(scenario, { jitter })).toEqual({ jitter: report.jitter });
  });

  it('has the names in the order of the strategies', () => {
    expect(Object.keys(simulate(scenario, strategies))).toEqual(['plain', 'jitter', 'gates']);
  });

  it('is the same with an onProgress, and whatever the platform’s clock and random numbers', () => {
    const report = simulate(scenario, strategies);
    const random = spyOn(Math, 'random').and.returnValue(0.5);
    const now = spyOn(Date, 'now').and.returnValue(12_345);

    expect(simulate(scenario, strategies, { onProgress: () => undefined })).toEqual(report);
    expect([random, now].map((spy) => spy.calls.count() > 100)).toEqual([false, false]);
  });

  it('is the same on every platform', () => {
    // As computed in Node 20. The last digit of a logarithm, say, differs from engine to engine.
    const { blip, metastable } = scenarios;
    const strategy = { attempts: 3, backoff: constant(100) };
    const rows = [blip, metastable].map((each) => {
      const { load, success, latency, lastEnd } = simulate({ ...each, duration: 25_000 }, { strategy }).strategy;
      return [load, success, latency.p50, latency.p99, latency.max, lastEnd];
    });

    expect(rows).toEqual([
      [1.1444490301279406, 0.9353501864898467, 59.54, 308, 442.0514609408565, 24994.072483973578],
      [0.993103448275862, 1, 1833, 2752, 2972.008186741732, 24992.304343674332],
    ]);
  });
});

describe('Different strategies', () => {
  it('meet the same arrivals, of the same clients', () => {
    const arrivals = (strategy: RetryStrategy): string[] => {
      // By the request: a hedge has the number of its attempt.
      const seen = new Map<string, string>();
      const server: Server = ({ at, client, attempt: { requestId }, random }) => {
        if (!seen.has(requestId)) seen.set(requestId, `${at} ${client}`);
        return { delay: 10, status: random() < 0.5 ? 503 : 200 };
      };
      simulate({ ...scenario, network: () => 0, server }, { strategy });
      return [...seen.values()];
    };
    const once = arrivals({ attempts: 1 });

    expect(once.length).toBeGreaterThan(400);
    expect(arrivals({ attempts: 5, backoff: constant(0) })).toEqual(once);
    expect(arrivals({ attempts: 5, hedge: hedging({ after: 5 }) })).toEqual(once);
  });
});

describe('The progress of a simulation', () => {
  it('is told after each second of each strategy, and ends at 1', () => {
    const seen: unknown[] = [];
    const server = slowing({ base: 10, perRequest: 1 });
    simulate(
      { duration: 2_000, rate: 1, server },
      { a: {}, b: {} },
      { onProgress: ({ strategy, at, part }) => seen.push([strategy, at, part]) },
    );

    expect(seen).toEqual([
      ['a', 1_000, 0.25],
      ['a', 2_000, 0.5],
      ['b', 1_000, 0.75],
      ['b', 2_000, 1],
    ]);
  });
});
