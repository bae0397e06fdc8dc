import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { checkOptions, FUNCTION } from '../util/option-rule.js';
import { seededRandom } from '../util/seeded-random.js';
import { startArrivals } from './arrivals.js';
import { Fleet } from './fleet.js';
import { Recorder, SECOND_MS, type SimulationReport } from './recorder.js';
import { type ResolvedScenario, resolveScenario, type Scenario } from './scenario.js';
import { ServerFarm } from './server-farm.js';
import { checkSimulatedStrategy, pathOf, type SimulatedStrategy } from './simulated-strategy.js';
import { withVirtualGlobals } from './virtual-globals.js';
import { VirtualTime } from './virtual-time.js';

/** How far a simulation has got. */
export interface SimulationProgress {
  /** The name of the strategy that is simulated. */
  readonly strategy: string;
  /** The virtual time, in ms since its simulation began. */
  readonly at: number;
  /** The part of all strategies' time that is over, from 0 to 1. */
  readonly part: number;
}

/** Options of {@link simulate}. */
export interface SimulateOptions {
  /** Is called after each second of virtual time. An error that it throws ends the simulation. */
  readonly onProgress?: ((progress: SimulationProgress) => void) | undefined;
}

const OPTIONS: OptionRules<SimulateOptions> = { onProgress: FUNCTION };

/** The random numbers of a run. Each purpose has its own: what a strategy does changes nothing of the load. */
interface Randoms {
  readonly arrivals: () => number;
  readonly servers: () => number;
  readonly clients: () => number;
}

function randomsOf(seed: number): Randoms {
  const seeds = seededRandom(seed);
  const next = (): (() => number) => seededRandom(seeds() * 2 ** 32);
  return { arrivals: next(), servers: next(), clients: next() };
}

/**
 * Simulates what strategies do to a server: thousands of clients of this package, in virtual time, against a model of
 * the server. Each strategy meets the same load, one after the other.
 *
 * It is synchronous, and blocks the thread: run long ones in a worker. While it runs, the platform's timers, clocks and
 * random numbers are virtual, so that nothing else of the program may need them. No promise is settled meanwhile, so
 * `shouldRetry` and gates must not wait for one.
 *
 * Gates that a strategy object lists are shared by all clients, and keep what they know from one simulation to the
 * next. Make them in a function: for each client, or once for all of a run.
 *
 * @param scenario - who sends when, over which network, to which server
 * @param strategies - by name; of each there is a report
 * @returns what each strategy did: the same for the same seed
 * @throws TypeError or RangeError that names a bad option; what a function of the scenario or of a strategy throws
 *
 * @example Do three attempts help a server that gets slower with each request, or do they keep it slow?
 * ```ts
 * import { retryBudget } from 'rxjs-retry-client';
 * import { simulate, slowing } from 'rxjs-retry-client/simulate';
 *
 * const report = simulate(
 *   { duration: 20_000, clients: 60, rate: 1, timeout: 3_000, server: slowing({ base: 1_000, perRequest: 10 }) },
 *   {
 *     'no retries': { attempts: 1 },
 *     'three attempts': { attempts: 3 },
 *     'with a budget': () => ({ attempts: 3, gates: [retryBudget({ minPerSecond: 0 })] }),
 *   },
 * );
 * for (const [name, { load, success, latency }] of Object.entries(report)) {
 *   console.log(name, load.toFixed(2), success.toFixed(3), latency.p99);
 * }
 * ```
 */
export function simulate<Name extends string>(
  scenario: Scenario,
  strategies: Readonly<Record<Name, SimulatedStrategy>>,
  options: SimulateOptions = {},
): Record<Name, SimulationReport> {
  const resolved = resolveScenario(scenario);
  checkOptions('strategies', strategies);
  checkKnownOptions(options, OPTIONS, 'options');
  const entries = Object.entries<SimulatedStrategy>(strategies);
  for (const [name, strategy] of entries) checkSimulatedStrategy(pathOf(name), strategy);
  const reports = entries.map(([name, strategy], index) => {
    const onSecond = (at: number): void => {
      options.onProgress?.({ strategy: name, at, part: (index + at / resolved.duration) / entries.length });
    };
    return [name, simulateStrategy(resolved, name, strategy, onSecond)] as const;
  });
  return Object.fromEntries(reports) as Record<Name, SimulationReport>;
}

/** @param onSecond - is called after each second of virtual time, on the real platform */
function simulateStrategy(
  scenario: ResolvedScenario,
  name: string,
  strategy: SimulatedStrategy,
  onSecond: (at: number) => void,
): SimulationReport {
  const randoms = randomsOf(scenario.seed);
  const time = new VirtualTime();
  const recorder = new Recorder();
  const faults: unknown[] = [];
  const onFault = (error: unknown): void => {
    faults.push(error);
  };
  const servers = new ServerFarm(scenario, time, randoms.servers, {
    onArrived: () => {
      recorder.onArrived();
    },
    onFault,
  });
  const fleet = new Fleet({
    scenario,
    name: pathOf(name),
    strategy,
    time,
    servers,
    recorder,
    onFault,
  });
  return withVirtualGlobals(time, randoms.clients, (onRealPlatform) => {
    try {
      startArrivals(scenario, time, randoms.arrivals, (client) => {
        fleet.begin(client);
      });
      const { duration, rate } = scenario;
      let until = 0;
      for (let isOver = false; !isOver;) {
        const next = time.nextTime;
        isOver = next >= duration;
        // Where all begin together, there is an end before.
        until = isOver && rate === 'together' && next === Infinity ? time.now : Math.min(next, duration);
        while (recorder.secondEnd <= until) {
          recorder.endSecond(servers.inFlight);
          onRealPlatform(() => {
            onSecond(recorder.secondEnd - SECOND_MS);
          });
        }
        if (!isOver && !time.advance()) {
          throw new Error(
            `${pathOf(name)}: time stands still at ${time.now} ms, since requests are sent again without a pause; ` +
              'give the backoff, the network or the server a delay',
          );
        }
        if (faults.length > 0) throw faults[0];
      }
      return recorder.report(until, servers.inFlight);
    } finally {
      servers.close();
      fleet.leave();
    }
  });
}
