import { startArrivals } from '../../src/simulate/arrivals.js';
import { resolveScenario, type Scenario } from '../../src/simulate/scenario.js';
import { VirtualTime } from '../../src/simulate/virtual-time.js';
import { seededRandom } from '../../src/util/seeded-random.js';
import { expectNear, mean } from '../support/statistics.js';

interface Arrival {
  readonly at: number;
  readonly client: number;
}

function arrivalsOf(scenario: Omit<Scenario, 'server'>, random = seededRandom(1)): Arrival[] {
  const time = new VirtualTime();
  const arrivals: Arrival[] = [];
  const resolved = resolveScenario({ ...scenario, server: () => 'silent' });
  startArrivals(resolved, time, random, (client) => {
    arrivals.push({ at: time.now, client });
  });
  while (time.nextTime < Infinity) time.advance();
  return arrivals;
}

function countIn(arrivals: readonly Arrival[], from: number, to: number): number {
  return arrivals.filter(({ at }) => at >= from && at < to).length;
}

/** The number of events of a Poisson process is random; three standard errors are allowed. */
function expectCount(what: string, count: number, expected: number): void {
  expectNear(3 * Math.sqrt(expected), what, count, expected);
}

describe('The arrivals of a simulation', () => {
  it('are as many as the rate says, of all clients alike', () => {
    const arrivals = arrivalsOf({ duration: 100_000, clients: 20, rate: 5 });

    expectCount('all', arrivals.length, 10_000);
    for (let client = 0; client < 20; client += 1) {
      expectCount(`of client ${client}`, arrivals.filter((arrival) => arrival.client === client).length, 500);
    }
  });

  it('are a Poisson process: the gaps vary as much as they are long, and the counts as much as they are', () => {
    const arrivals = arrivalsOf({ duration: 1_000_000, rate: 10 });
    const gaps = arrivals.slice(1).map(({ at }, index) => at - arrivals[index]!.at);
    const counts = Array.from({ length: 1_000 }, () => 0);
    for (const { at } of arrivals) counts[Math.floor(at / 1_000)]! += 1;
    const variance = (values: readonly number[]): number => {
      const average = mean(values);
      return mean(values.map((value) => (value - average) ** 2));
    };

    expectNear(3, 'mean gap', mean(gaps), 100);
    expectNear(900, 'variance of gaps', variance(gaps), 10_000);
    expectNear(1.5, 'variance of counts', variance(counts), 10);
  });

  it('come from time 0 up to the duration, and never at it', () => {
    const arrivals = arrivalsOf({ duration: 1_000, rate: 10_000 });

    expect(arrivals[0]!.at).toBeLessThan(1);
    expect(arrivals.at(-1)!.at).toBeLessThan(1_000);
    expect(arrivals.at(-1)!.at).toBeGreaterThan(999);
  });

  it('follow a rate that changes', () => {
    const rate = (at: number): number => (at < 30_000 ? 10 : at < 60_000 ? 0 : at / 1_000);
    const arrivals = arrivalsOf({ duration: 100_000, clients: 10, rate });

    expectCount('at 100 a second', countIn(arrivals, 0, 30_000), 3_000);
    expect(countIn(arrivals, 30_000, 60_000)).toBe(0);
    expectCount('from 600 a second', countIn(arrivals, 60_000, 80_000), 14_000);
    expectCount('up to 1,000 a second', countIn(arrivals, 80_000, 100_000), 18_000);
  });

  it('with a rate that changes are as many as with the same rate as a number', () => {
    expectCount('all', arrivalsOf({ duration: 100_000, rate: () => 100 }).length, 10_000);
  });

  it('ask the rate every 10 ms, from 0 on', () => {
    const asked = new Set<number>();
    arrivalsOf({ duration: 100, rate: (at) => (asked.add(at), 1_000) });

    expect([...asked]).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90]);
  });

  it('together are one of each client, at 0, in order', () => {
    expect(arrivalsOf({ duration: 1_000, clients: 3, rate: 'together' })).toEqual([
      { at: 0, client: 0 },
      { at: 0, client: 1 },
      { at: 0, client: 2 },
    ]);
  });

  it('are none at a rate of 0, whatever the random numbers', () => {
    for (const random of [seededRandom(1), () => 0]) {
      expect(arrivalsOf({ duration: 1_000, rate: 0 }, random)).toEqual([]);
      expect(arrivalsOf({ duration: 1_000, rate: () => 0 }, random)).toEqual([]);
    }
  });

  it('name a rate function that returns no rate', () => {
    for (const rate of [NaN, -1, Infinity]) {
      expect(() => arrivalsOf({ duration: 1_000, rate: () => rate })).toThrowError(
        RangeError,
        `what scenario.rate returns must be a finite number of at least 0, not ${rate}`,
      );
    }
  });
});
