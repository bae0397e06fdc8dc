import { constant, defineGate, type Gate, type RetryStrategy } from '../../src/index.js';
import { failing, type Scenario, simulate, type SimulationReport } from '../../src/simulate/index.js';
import { expectNear, exponentialTimes } from '../support/statistics.js';

/** One way: 10 ms in the mean. */
const network = exponentialTimes(10);

/**
 * A bucket of five tokens: a first attempt puts in 0.1, and a retry takes out 1 if there is more than 1. In the article
 * a success puts it in; in the program that computed the figures a first attempt does.
 */
function tokenBucket(): Gate {
  let tokens = 5;
  return defineGate({
    name: 'token-bucket',
    allowsRetry: () => tokens > 1,
    next: ({ type, attempt }) => {
      if (type === 'start' && attempt.number === 1) tokens = Math.min(5, tokens + 0.1);
      else if (type === 'retry') tokens -= 1;
    },
  });
}

/** A breaker of retries: it allows them while there is at most one failure for ten requests, ever. */
function lifetimeBreaker(): Gate {
  let requests = 0;
  let failures = 0;
  return defineGate({
    name: 'lifetime-breaker',
    // The gate hears of this failure afterwards.
    allowsRetry: () => (failures + 1) / requests <= 0.1,
    next: ({ type, attempt }) => {
      if (type === 'start' && attempt.number === 1) requests += 1;
      else if (type === 'retry' || type === 'failure') failures += 1;
    },
  });
}

const atOnce = constant(0);

/** Each client has a bucket or a breaker of its own. */
const strategies = {
  none: { attempts: 1 },
  'three retries': { attempts: 4, backoff: atOnce },
  adaptive: () => ({ attempts: Infinity, backoff: atOnce, gates: [tokenBucket()] }),
  breaker: () => ({ attempts: 4, backoff: atOnce, gates: [lifetimeBreaker()] }),
} satisfies Record<string, RetryStrategy | (() => RetryStrategy)>;

/** The share of the requests that succeeded, and the messages for each. */
type Ratios = readonly [success: number, load: number];

function expectRatios({ success, load }: SimulationReport, published: Ratios): void {
  expectNear(0.02, 'success', success, published[0]);
  expectNear(0.02, 'load', load, published[1]);
}

/**
 * The output of mbrooker/simulator_example, retry_sim: 100 clients with ten requests a second each, for 30 s.
 *
 * @see https://brooker.co.za/blog/2022/02/28/retries.html
 */
const byFailureRatio: Readonly<Record<number, Readonly<Record<keyof typeof strategies, Ratios>>>> = {
  0.01: { none: [0.9895, 1], 'three retries': [1, 1.0107], adaptive: [1, 1.0093], breaker: [0.9993, 1.0102] },
  0.1: { none: [0.9012, 1], 'three retries': [0.9999, 1.1075], adaptive: [0.9875, 1.096], breaker: [0.9316, 1.0351] },
  0.2: { none: [0.8015, 1], 'three retries': [0.9982, 1.2478], adaptive: [0.8869, 1.1119], breaker: [0.7999, 1.0012] },
  0.5: { none: [0.4961, 1], 'three retries': [0.9363, 1.8874], adaptive: [0.5537, 1.1141], breaker: [0.4962, 1] },
};

describe('The published table of retries, tokens and breakers', () => {
  for (const [ratio, published] of Object.entries(byFailureRatio)) {
    it(`holds where ${ratio} of all fails: success and load within 0.02`, () => {
      const server = failing(Number(ratio));
      const report = simulate({ duration: 30_000, clients: 100, rate: 10, network, server }, strategies);

      for (const name of Object.keys(strategies) as (keyof typeof strategies)[]) {
        expectRatios(report[name], published[name]);
      }
    });
  }
});

/** The output for 100 requests a second of all clients together, of which 0.3 fail. It ran for 100 s, and once 60 s. */
const byClients = [
  { clients: 10, duration: 100_000, adaptive: [0.766, 1.104], breaker: [0.698, 1] },
  { clients: 100, duration: 100_000, adaptive: [0.794, 1.139], breaker: [0.705, 1.0005] },
  // Each has a full bucket at first, and hardly ever needs more.
  { clients: 1_000, duration: 60_000, adaptive: [0.968, 1.384], breaker: [0.702, 1.0001] },
] as const;

describe('The published effect of the number of clients', () => {
  for (const { clients, duration, ...published } of byClients) {
    it(`holds for ${clients} clients that share one load: success and load within 0.02`, () => {
      const { adaptive, breaker } = strategies;
      const scenario: Scenario = { duration, clients, rate: 100 / clients, network, server: failing(0.3) };
      const report = simulate(scenario, { adaptive, breaker });

      expectRatios(report.adaptive, published.adaptive);
      expectRatios(report.breaker, published.breaker);
    });
  }
});

describe('The closed form of three retries against a server that fails a share f of all', () => {
  for (const f of [0.01, 0.1, 0.2, 0.5, 0.9]) {
    it(`is what f = ${f} comes to: success 1 - f⁴, load 1 + f + f² + f³`, () => {
      const { 'three retries': threeRetries } = strategies;
      const scenario: Scenario = { duration: 30_000, clients: 100, rate: 10, server: failing(f) };
      const { success, load, requests } = simulate(scenario, { threeRetries }).threeRetries;
      const expectedLoad = 1 + f + f ** 2 + f ** 3;
      // A request sends k messages or more with the probability f^(k - 1): the mean of their squares.
      const meanSquare = 1 + 3 * f + 5 * f ** 2 + 7 * f ** 3;
      const threeErrors = (variance: number): number => 3 * Math.sqrt(variance / requests);

      expectNear(threeErrors(f ** 4 * (1 - f ** 4)), 'success', success, 1 - f ** 4);
      expectNear(threeErrors(meanSquare - expectedLoad ** 2), 'load', load, expectedLoad);
    });
  }
});
