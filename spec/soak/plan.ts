import { seededRandom } from '../../src/cli/demo/seeded-random.js';
import { type Scenario, type ScenarioName, scenarios } from '../support/hostile/scenarios.js';

/** What one request of a soak is: all of it follows from the seed and its index. */
export interface Plan {
  readonly index: number;
  readonly scenario: ScenarioName;
  /** How many of its requests meet the fault. */
  readonly faults: number;
  readonly transport: 'fetch' | 'node-fetch' | 'undici';
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly idempotencyKey: boolean;
  /** Through which selector the body is read; or, without one, whether the caller reads it or gives it back. */
  readonly reads: 'text' | 'json' | 'bytes' | 'response' | 'head';
  readonly attempts: number;
  readonly totalTimeout: number | false;
  /** When it is unsubscribed from, in ms; `undefined` for most. */
  readonly leaves: number | undefined;
}

/** The scenarios that share one port. */
const NAMES = (Object.keys(scenarios) as ScenarioName[]).filter((name) => {
  const { accept, speaks }: Scenario = scenarios[name];
  return accept === undefined && speaks === undefined;
});

/** What sends as much as anybody takes: too many of these at a time leave no room for the others. */
const FLOODS = /^endless-(?:\d|headers)/;

/** Seldom ones are drawn once in so many times that the others are. */
const SELDOM = 5;

/** Bodies that never end, or never come: without a selector nobody minds the time, so the caller must not read them. */
const UNENDING = /^(?:stall|endless|silent)/;

/** The plans of a soak, in order. */
export function* plans(seed: number): Generator<Plan, never> {
  const random = seededRandom(seed);
  const pick = <T>(...items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  for (let index = 0; ; index += 1) {
    let scenario = pick(...NAMES);
    while (FLOODS.test(scenario) && random() >= 1 / SELDOM) scenario = pick(...NAMES);
    const reads = pick('text', 'json', 'bytes', 'response', 'head');
    yield {
      index,
      scenario,
      faults: pick(0, 1, 2, Infinity),
      transport: pick('fetch', 'node-fetch', 'undici'),
      method: pick('GET', 'GET', 'PUT', 'POST', 'POST'),
      idempotencyKey: random() < 0.3,
      reads: reads === 'response' && UNENDING.test(scenario) ? 'head' : reads,
      attempts: pick(1, 2, 3, 4),
      totalTimeout: random() < 0.1 ? Math.ceil(random() * 1_000) : false,
      leaves: random() < 0.1 ? random() * 500 : undefined,
    };
  }
}
