import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { BENCH, DIST } from './build.js';
import type { Rounds } from './measure.js';
import { measureInRounds } from './worker-process.js';

/** A simulation. All have 10,000 requests a second, of which one in ten fails. */
interface Simulation {
  readonly name: string;
  readonly clients: number;
  /** How long a message takes, one way, in ms. */
  readonly network: number;
  /** The strategy, as a module writes it. */
  readonly strategy: string;
}

/** The simulation that has to be done in 15 s. */
export const FLEET = '10,000 clients';
/**
 * Requests that are under way for long outlive a collection of V8's young generation, and so cost more. Whether the cost
 * grows with their number shows only between two of these.
 */
export const SLOW_FLEET = '10,000 clients, and 2,000 requests under way';
export const LARGE_FLEET = '100,000 clients, and 20,000 requests under way';

const SIMULATIONS: readonly Simulation[] = [
  { name: '100 clients', clients: 100, network: 10, strategy: '{}' },
  { name: FLEET, clients: 10_000, network: 10, strategy: '{}' },
  { name: SLOW_FLEET, clients: 10_000, network: 100, strategy: '{}' },
  { name: LARGE_FLEET, clients: 100_000, network: 1_000, strategy: '{}' },
  {
    name: `${FLEET}, each with a budget`,
    clients: 10_000,
    network: 10,
    strategy: '() => ({ gates: [retryBudget()] })',
  },
];

const REQUESTS_PER_SECOND = 10_000;
/** V8 has optimized the code after a tenth of it. */
const SECONDS = 20;
/** The requests of a minute. */
export const REQUESTS_PER_MINUTE: number = REQUESTS_PER_SECOND * 60;

const execute = promisify(execFile);

/** Measures the CPU time in µs of each simulated request, in a fresh process, round by round. */
export async function measureSimulations(rounds: number, names?: readonly string[]): Promise<Rounds<number>> {
  const simulations = SIMULATIONS.filter(({ name }) => names?.includes(name) ?? true);
  const results = await measureInRounds(simulations, rounds, async ({ clients, network, strategy }) => {
    const source = `
      import { retryBudget } from ${JSON.stringify(new URL('index.js', DIST).href)};
      import { failing, simulate } from ${JSON.stringify(new URL('simulate/index.js', DIST).href)};
      const scenario = {
        clients: ${clients},
        rate: ${REQUESTS_PER_SECOND / clients},
        duration: ${SECONDS * 1_000},
        network: (random) => ${2 * network} * random(),
        server: failing(0.1),
      };
      const before = process.cpuUsage();
      const { subject } = simulate(scenario, { subject: ${strategy} });
      const { user, system } = process.cpuUsage(before);
      console.log((user + system) / subject.requests);
    `;
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', source], { cwd: BENCH });
    return Number(stdout);
  });
  return new Map([...results].map(([{ name }, costs]) => [name, costs]));
}
