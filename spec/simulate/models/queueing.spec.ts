import { exponentialVariate } from '../../../src/simulate/exponential-variate.js';
import { queueing, type QueueingOptions, simulate } from '../../../src/simulate/index.js';
import { seededRandom } from '../../../src/util/seeded-random.js';
import { askModel, delayOf, statusOf } from '../../support/server-request.js';
import { expectWithin, mean } from '../../support/statistics.js';

const COUNT = 200_000;

/** What comes of requests at random times, with so many in a ms. */
function measure(options: QueueingOptions, perMs: number): { readonly meanTime: number; readonly refused: number } {
  const ask = askModel(queueing(options));
  const random = seededRandom(2);
  let at = 0;
  const answers = Array.from({ length: COUNT }, () => {
    at += exponentialVariate(random) / perMs;
    return ask({ at });
  });
  const served = answers.filter((answer) => statusOf(answer) === 200);
  return { meanTime: mean(served.map(delayOf)), refused: 1 - served.length / COUNT };
}

/** Exponential service times. */
function random10(random: () => number): number {
  return 10 * exponentialVariate(random);
}

/** The probability that a request waits, of Erlang, for c workers that have a load of a. */
function erlangC(c: number, a: number): number {
  let term = 1;
  let sum = 0;
  for (let k = 0; k < c; k += 1) {
    sum += term;
    term *= a / (k + 1);
  }
  const waiting = term / (1 - a / c);
  return waiting / (sum + waiting);
}

describe('queueing()', () => {
  it('serves first come, first served, and refuses at once what finds the queue full', () => {
    const ask = askModel(queueing({ workers: 2, serviceTime: 100, queue: 2 }));
    const answers = [0, 0, 10, 20, 30, 100, 105, 110].map((at) => ask({ at }));

    expect(answers.map((answer) => [delayOf(answer), statusOf(answer)])).toEqual([
      [100, 200],
      [100, 200],
      // Both wait until 100, and are done at 200.
      [190, 200],
      [180, 200],
      [0, 503],
      // The two that waited have begun, and those that come now wait until 200.
      [200, 200],
      [195, 200],
      [0, 503],
    ]);
  });

  it('lets none wait with a queue of 0', () => {
    const ask = askModel(queueing({ workers: 1, serviceTime: 100, queue: 0 }));

    expect([0, 50, 99, 100, 150].map((at) => statusOf(ask({ at })))).toEqual([200, 503, 503, 200, 503]);
  });

  it('takes no time for a service time of 0', () => {
    const ask = askModel(queueing({ workers: 1, serviceTime: 0, queue: 0 }));

    expect([ask(), ask(), ask()].map((answer) => [delayOf(answer), statusOf(answer)])).toEqual([
      [0, 200],
      [0, 200],
      [0, 200],
    ]);
  });

  it('works for clients that have left', () => {
    const server = queueing({ workers: 1, serviceTime: 1_000 });
    const scenario = { duration: 9_000, clients: 4, rate: 'together', timeout: 1_500, server } as const;
    const { one } = simulate(scenario, { one: { attempts: 1 } });

    expect([one.success, one.series.map(({ inFlight }) => inFlight)]).toEqual([0.25, [4, 3, 2, 1]]);
  });

  // https://en.wikipedia.org/wiki/M/D/1_queue
  for (const load of [0.3, 0.6, 0.8]) {
    it(`has the mean time of M/D/1 at a load of ${load}: s (1 + ρ / 2 (1 - ρ))`, () => {
      const expected = 10 * (1 + load / (2 * (1 - load)));

      expectWithin(0.03, 'mean time', measure({ workers: 1, serviceTime: 10 }, load / 10).meanTime, expected);
    });
  }

  // https://en.wikipedia.org/wiki/M/M/1_queue
  for (const load of [0.3, 0.6, 0.8]) {
    it(`has the mean time of M/M/1 at a load of ${load}: s / (1 - ρ)`, () => {
      const { meanTime } = measure({ workers: 1, serviceTime: random10 }, load / 10);

      expectWithin(0.05, 'mean time', meanTime, 10 / (1 - load));
    });
  }

  // https://en.wikipedia.org/wiki/M/M/c_queue
  for (const workers of [2, 5]) {
    it(`has the mean time of M/M/c with ${workers} workers at a load of 0.8, by Erlang's formula`, () => {
      const { meanTime } = measure({ workers, serviceTime: random10 }, (0.8 * workers) / 10);
      const waiting = (erlangC(workers, 0.8 * workers) * 10) / (workers * (1 - 0.8));

      expectWithin(0.05, 'mean time', meanTime, 10 + waiting);
    });
  }

  // https://en.wikipedia.org/wiki/M/M/1_queue#Finite_capacity
  for (const load of [0.5, 0.9, 2]) {
    it(`refuses the share of M/M/1/K at a load of ${load}: ρᴷ (1 - ρ) / (1 - ρᴷ⁺¹)`, () => {
      const { refused } = measure({ workers: 1, serviceTime: random10, queue: 3 }, load / 10);

      expectWithin(0.05, 'share', refused, (load ** 4 * (1 - load)) / (1 - load ** 5));
    });
  }
});
