import { exponentialVariate } from './exponential-variate.js';
import { combine } from './models/combine.js';
import { contended } from './models/contended.js';
import { failing } from './models/failing.js';
import { outage } from './models/outage.js';
import { queueing } from './models/queueing.js';
import { slowing } from './models/slowing.js';
import type { Scenario } from './scenario.js';

/** A time at random around a mean, in ms: many are short, and few are long. */
function around(mean: number): (random: () => number) => number {
  return (random) => mean * exponentialVariate(random);
}

const between = (at: number, from: number, to: number): boolean => at >= from && at < to;

/** Can do 200 requests a second. */
const service = queueing({ workers: 10, serviceTime: around(50), queue: 200 });

/** Twenty processes that send five requests a second each: half of what the service can do. */
const steady = { seed: 1, clients: 20, rate: 5, timeout: 3_000, network: around(10) };

/**
 * Scenarios to try a strategy in:
 *
 * - `blip`: for 2 s a service answers 503, as while it is deployed;
 * - `outage`: for 20 s its connections are refused;
 * - `overload`: for 20 s twice as many requests come as it can answer;
 * - `slow`: one request in twenty takes 2 s, and the others some 50 ms;
 * - `metastable`: a service that slows down under load, and twice the load for 5 s;
 * - `contention`: a hundred clients change the same row at once.
 *
 * @example
 * ```ts
 * import { exponential, fullJitter } from 'rxjs-retry-client';
 * import { scenarios, simulate } from 'rxjs-retry-client/simulate';
 *
 * const report = simulate(scenarios.blip, {
 *   'in a row': { attempts: 3, backoff: () => 0 },
 *   'with backoff': { attempts: 5, backoff: fullJitter(exponential({ initial: 200 })) },
 * });
 * console.log(report['in a row'].success, report['with backoff'].success);
 * ```
 */
export const scenarios: Readonly<
  Record<'blip' | 'outage' | 'overload' | 'slow' | 'metastable' | 'contention', Scenario>
> = {
  blip: {
    ...steady,
    duration: 30_000,
    server: combine(
      failing((at) => (between(at, 10_000, 12_000) ? 1 : 0)),
      service,
    ),
  },
  outage: { ...steady, duration: 60_000, server: combine(outage({ from: 10_000, to: 30_000 }), service) },
  overload: {
    ...steady,
    duration: 60_000,
    rate: (at) => (between(at, 10_000, 30_000) ? 20 : 5),
    server: service,
  },
  slow: {
    ...steady,
    duration: 60_000,
    server: ({ random }) => ({ delay: random() < 0.05 ? 2_000 : 30 + around(20)(random), status: 200 }),
  },
  metastable: {
    seed: 1,
    duration: 80_000,
    clients: 1,
    rate: (at) => (between(at, 20_000, 25_000) ? 80 : 40),
    timeout: 3_000,
    network: around(100),
    server: slowing({ base: 1_000, perRequest: 10 }),
  },
  contention: {
    seed: 1,
    duration: 120_000,
    clients: 100,
    rate: 'together',
    network: around(10),
    server: contended({ work: around(20) }),
  },
};
