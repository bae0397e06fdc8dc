import * as fc from 'fast-check';

import {
  circuitBreaker,
  concurrencyLimit,
  constant,
  hedging,
  rateLimit,
  retryBudget,
  type RetryStrategy,
} from '../../src/index.js';
import {
  combine,
  contended,
  failing,
  outage,
  queueing,
  type Scenario,
  type Server,
  simulate,
  type SimulationReport,
  slowing,
} from '../../src/simulate/index.js';

const time = fc.integer({ min: 0, max: 400 });

const model: fc.Arbitrary<Server> = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }).map(failing),
  fc.record({ base: time, perRequest: fc.nat(50) }).map(slowing),
  fc
    .record({ workers: fc.integer({ min: 1, max: 3 }), serviceTime: time, queue: fc.constantFrom(0, 2, Infinity) })
    .map(queueing),
  fc
    .record({
      from: time,
      length: time,
      answer: fc.constantFrom('silent' as const, 'connect' as const, 'cut' as const, 500, 429, 404),
    })
    .map(({ from, length, answer }) => outage({ from, to: from + length, answer })),
  time.map((work) => contended({ work: (random) => work * random() })),
);

const scenario: fc.Arbitrary<Scenario> = fc.record({
  seed: fc.integer(),
  duration: fc.integer({ min: 1, max: 4_000 }),
  clients: fc.integer({ min: 1, max: 5 }),
  rate: fc.oneof(
    fc.nat(5),
    fc.constant('together' as const),
    fc.constant((at: number) => (at < 500 ? 8 : at < 1_000 ? 0 : 2)),
  ),
  timeout: fc.constantFrom(1, 100, 1_000, undefined),
  totalTimeout: fc.constantFrom(50, 700, Infinity, undefined),
  network: fc.constantFrom(
    () => 0,
    () => 7,
    (random: () => number) => 200 * random(),
  ),
  urls: fc.constantFrom(['http://eu.test/'], ['http://eu.test/', 'http://us.test/']),
  server: fc.oneof(
    model,
    fc.array(model, { maxLength: 3 }).map((models) => combine(...models)),
  ),
});

const strategy: fc.Arbitrary<() => RetryStrategy> = fc
  .record({
    attempts: fc.integer({ min: 1, max: 5 }),
    delay: fc.constantFrom(0, 1, 100, 900),
    hedged: fc.boolean(),
    gated: fc.constantFrom('none', 'budget', 'breaker', 'limit', 'rate'),
  })
  .map(({ attempts, delay, hedged, gated }) => {
    const gate = {
      none: () => [],
      budget: () => [retryBudget({ minPerSecond: 0 })],
      breaker: () => [circuitBreaker({ minimumThroughput: 2, breakDuration: 500 })],
      limit: () => [concurrencyLimit({ max: 1, queue: 2 })],
      rate: () => [rateLimit({ permits: 3 })],
    }[gated];
    return () => ({
      attempts,
      backoff: constant(delay),
      gates: gate(),
      ...(hedged && { hedge: hedging({ after: 50 }) }),
    });
  });

type Count = 'offered' | 'arrived' | 'answered' | 'failed' | 'retries' | 'hedges' | 'rejected';

function total({ series }: SimulationReport, count: Count): number {
  return series.reduce((sum, second) => sum + second[count], 0);
}

/** What contradicts the laws that any report follows. */
function violations(report: SimulationReport, { rate, duration, clients }: Scenario): string[] {
  const { requests, messages, pending, series, load, success, latency, lastEnd } = report;
  const ended = total(report, 'answered') + total(report, 'failed');
  const sent = requests + total(report, 'retries') + total(report, 'hedges');
  const isTogether = rate === 'together';
  const laws: Readonly<Record<string, boolean>> = {
    'each request is offered once': total(report, 'offered') === requests,
    'each request has ended or is pending': ended + pending === requests && pending >= 0,
    'each client sends one if all send together': !isTogether || requests === clients,
    'the messages are those that arrived': total(report, 'arrived') === messages,
    'what arrives was sent': messages <= sent,
    'what is rejected has failed': total(report, 'rejected') <= total(report, 'failed'),
    'load is messages by requests': Object.is(load, messages / requests),
    'success is that of those that ended': Object.is(success, total(report, 'answered') / ended),
    'the series has no gap': series.every(({ at }, index) => at === 1_000 * index),
    'the series is as long as the simulation': isTogether || series.length === Math.ceil(duration / 1_000),
    'no second has less than nothing': series.every(({ inFlight, held }) => inFlight >= 0 && held >= 0),
    'no more are held than there are': series.every(({ held }) => held <= requests),
    'the last end is within the simulation': lastEnd < duration,
    'no latency is longer than the simulation': ended === 0 || latency.max <= lastEnd,
    'latencies are in order': ended === 0 || (latency.p50 <= latency.p90 && latency.p90 <= latency.p99),
  };
  return Object.keys(laws).filter((law) => !laws[law]);
}

describe('Any simulation', () => {
  it('has a report that adds up', () => {
    expect(() => {
      fc.assert(
        fc.property(scenario, strategy, fc.boolean(), (given, create, isShared) => {
          const { one } = simulate(given, { one: isShared ? create() : create });
          const found = violations(one, given);
          if (found.length > 0) throw new Error(found.join('; '));
        }),
        { numRuns: 300 },
      );
    }).not.toThrow();
  });

  it('counts each message that its server gets, in the order of time', () => {
    expect(() => {
      fc.assert(
        fc.property(scenario, strategy, (given, create) => {
          let calls = 0;
          let latest = 0;
          const server: Server = (request) => {
            const { at, inFlight, client } = request;
            calls += 1;
            if (at < latest || inFlight < 1 || client < 0 || client >= given.clients!) throw new Error('bad request');
            latest = at;
            return given.server(request);
          };

          return simulate({ ...given, server }, { one: create }).one.messages === calls;
        }),
      );
    }).not.toThrow();
  });

  it('is the same again', () => {
    fc.assert(
      fc.property(scenario, strategy, (given, create) => {
        expect(simulate(given, { one: create })).toEqual(simulate(given, { one: create }));
      }),
      { numRuns: 50 },
    );
  });

  it('has its gates get back what they lent, also from the requests that are pending when it ends', () => {
    let pending = 0;
    expect(() => {
      fc.assert(
        fc.property(scenario, (given) => {
          const limit = concurrencyLimit({ max: 2, queue: 5 });
          const { one } = simulate(given, { one: { attempts: 3, backoff: constant(10), gates: [limit] } });
          pending += one.pending;
          return given.urls!.every((url) => {
            const { inFlight, queued } = limit.snapshot(new URL(url).origin);
            return inFlight === 0 && queued === 0;
          });
        }),
      );
    }).not.toThrow();

    expect(pending).toBeGreaterThan(0);
  });
});
