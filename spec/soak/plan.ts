import { seededRandom } from '../../src/util/seeded-random.js';
import { type Scenario, type ScenarioName, scenarios } from '../support/hostile/scenarios.js';

/** One request of a soak. It depends only on the seed and the index. */
export interface Plan {
  readonly index: number;
  readonly scenario: ScenarioName;
  /** The number of its requests that get the fault. */
  readonly faults: number;
  readonly transport: 'fetch' | 'node-fetch' | 'undici';
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly idempotencyKey: boolean;
  /** The selector that reads the body. Without one, the caller reads it (`response`) or cancels it (`head`). */
  readonly reads: 'text' | 'json' | 'bytes' | 'response' | 'head';
  readonly attempts: number;
  readonly totalTimeout: number | false;
  /** The time until it is unsubscribed, in ms; `undefined` for most. */
  readonly unsubscribeAfter: number | undefined;
}

/** The scenarios that can share one port. */
const SHARED_PORT_SCENARIOS = (Object.keys(scenarios) as ScenarioName[]).filter((name) => {
  const { accept, speaks }: Scenario = scenarios[name];
  return accept === undefined && speaks === undefined;
});

/** Scenarios that send as fast as the client reads: too many at once would use the whole machine. */
const ENDLESS_SENDERS = /^endless-(?:\d|headers)/;

/** Endless senders are this many times rarer than other scenarios. */
const ENDLESS_SENDER_RARITY = 5;

/**
 * Scenarios whose body never ends. Without a selector there is no timeout for the body, so the caller must not read it.
 */
const UNENDING_BODIES = /^(?:stall|endless|silent)/;

/** Generates the plans of a soak, in order. */
export function* plans(seed: number): Generator<Plan, never> {
  const random = seededRandom(seed);
  const pick = <T>(...items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  for (let index = 0; ; index += 1) {
    let scenario = pick(...SHARED_PORT_SCENARIOS);
    while (ENDLESS_SENDERS.test(scenario) && random() >= 1 / ENDLESS_SENDER_RARITY) {
      scenario = pick(...SHARED_PORT_SCENARIOS);
    }
    const reads = pick('text', 'json', 'bytes', 'response', 'head');
    yield {
      index,
      scenario,
      faults: pick(0, 1, 2, Infinity),
      transport: pick('fetch', 'node-fetch', 'undici'),
      method: pick('GET', 'GET', 'PUT', 'POST', 'POST'),
      idempotencyKey: random() < 0.3,
      reads: reads === 'response' && UNENDING_BODIES.test(scenario) ? 'head' : reads,
      attempts: pick(1, 2, 3, 4),
      totalTimeout: random() < 0.1 ? Math.ceil(random() * 1_000) : false,
      unsubscribeAfter: random() < 0.1 ? random() * 500 : undefined,
    };
  }
}
