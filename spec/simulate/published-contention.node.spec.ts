import { type Backoff, constant, decorrelatedJitter, equalJitter, exponential, fullJitter } from '../../src/index.js';
import { contended, type Scenario, simulate, type SimulationReport } from '../../src/simulate/index.js';
import { expectWithin, mean, seeds } from '../support/statistics.js';

/** Normally distributed, by Marsaglia's polar method. */
function normal(random: () => number): number {
  for (;;) {
    const [x, y] = [2 * random() - 1, 2 * random() - 1];
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
  }
}

/** One way, in ms: |N(10, 2)|. */
const network = (random: () => number): number => Math.abs(10 + 2 * normal(random));

/** Base 5 ms, cap 2,000 ms; the first retry waits for up to 2 · 5 ms. */
const growing = exponential({ initial: 10, factor: 2, max: 2_000 });

const backoffs = {
  exponential: growing,
  decorrelated: decorrelatedJitter({ initial: 5, max: 2_000 }),
  'equal jitter': equalJitter(growing),
  'full jitter': fullJitter(growing),
  none: constant(0),
} satisfies Record<string, Backoff>;

/**
 * The program's output: the time until all are through in ms, and the writes that were tried. Means of 100 runs.
 *
 * @see https://github.com/aws-samples/aws-arch-backoff-simulator, src/backoff_simulator.py
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
const published: readonly (readonly [name: keyof typeof backoffs, clients: number, time: number, calls: number])[] = [
  ['exponential', 10, 3_486, 50],
  ['exponential', 50, 36_053, 619],
  ['exponential', 100, 63_146, 1_847],
  ['exponential', 190, 101_541, 5_161],
  ['decorrelated', 10, 431, 37],
  ['decorrelated', 50, 2_205, 376],
  ['decorrelated', 100, 4_614, 1_000],
  ['decorrelated', 190, 7_957, 2_435],
  ['equal jitter', 10, 747, 42],
  ['equal jitter', 50, 4_324, 347],
  ['equal jitter', 100, 6_579, 812],
  ['equal jitter', 190, 9_400, 1_760],
  ['full jitter', 10, 461, 39],
  ['full jitter', 50, 2_914, 333],
  ['full jitter', 100, 4_923, 795],
  ['full jitter', 190, 7_513, 1_772],
  ['none', 10, 378, 50],
  ['none', 50, 1_136, 687],
  ['none', 100, 2_024, 2_422],
  ['none', 190, 3_542, 8_004],
];

/** How many runs a mean is taken of. Of few clients the times vary much from run to run, and a run is short. */
const RUNS: Readonly<Record<number, number>> = { 10: 200, 50: 40, 100: 20, 190: 10 };

/** Clients begin together, and each changes the same row once. */
function simulateCrowd(clients: number, backoff: Backoff, seed: number): SimulationReport {
  // From its reading on, the row's version travels to the client, and back to the server with the write.
  const server = contended({ work: (random) => network(random) + network(random) });
  const scenario: Scenario = { seed, duration: 10_000_000, clients, rate: 'together', network, server };
  return simulate(scenario, { all: { attempts: Infinity, backoff } }).all;
}

describe('The published table of backoff under contention', () => {
  for (const [name, clients, time, calls] of published) {
    it(`holds for ${clients} clients with ${name}: calls within 5 %, time within 10 %`, () => {
      const reports = seeds(RUNS[clients]!).map((seed) => simulateCrowd(clients, backoffs[name], seed));

      expect(reports.every(({ success, pending }) => success === 1 && pending === 0)).toBeTrue();
      expectWithin(0.1, 'time', mean(reports.map(({ lastEnd }) => lastEnd)), time);
      expectWithin(0.05, 'calls', mean(reports.map(({ messages }) => messages)), calls);
    });
  }
});
