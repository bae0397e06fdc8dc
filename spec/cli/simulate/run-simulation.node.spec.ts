import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';

import { UsageError } from '../../../src/cli/failures/usage-error.js';
import { readArguments } from '../../../src/cli/options/read-arguments.js';
import { runSimulation } from '../../../src/cli/simulate/run-simulation.js';
import { circuitBreaker, concurrencyLimit, constant, gradient, retryBudget } from '../../../src/index.js';
import { scenarios, simulate } from '../../../src/simulate/index.js';
import { type CommandResult, runAsProcess, startOnTerminal } from '../run-command.js';

// A process compiles the sources, and its worker does so once more.
const TIMEOUT_MS = 60_000;

/** Runs a simulation in this process and its worker. Its outputs are pipes, or one terminal. */
async function run(argv: readonly string[], isTTY = false): Promise<CommandResult> {
  const command = readArguments(['simulate', ...argv]);
  if (command.kind !== 'simulate') throw new Error('Only simulations can be run here.');
  const stream = (): PassThrough & { isTTY: boolean } =>
    Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 24 });
  const [stdout, stderr] = [stream(), stream()];
  const outputs = Promise.all([buffer(stdout), text(stderr)]);
  const code = await runSimulation(command, { stdout, stderr }).finally(() => {
    stdout.end();
    stderr.end();
  });
  const [out, err] = await outputs;
  return { code, stdout: out, stderr: err };
}

async function usageError(...argv: readonly string[]): Promise<string> {
  try {
    await run(argv);
  } catch (error) {
    if (error instanceof UsageError) return `${error.exitCode}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('The simulation of the command line', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulation-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function scenarioFile(name: string, content: unknown): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  it(
    'writes the reports of simulate() as JSON',
    async () => {
      const { code, stdout, stderr } = await run(['contention', '--json', '--compare', 'none,all', '--attempts', '4']);
      const expected = simulate(scenarios.contention, {
        none: { attempts: 1 },
        all: () => ({
          attempts: 3,
          backoff: constant(0),
          gates: [retryBudget(), circuitBreaker(), concurrencyLimit({ max: gradient() })],
        }),
        yours: { attempts: 4 },
      });

      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout.toString())).toEqual(JSON.parse(JSON.stringify(expected)));
    },
    TIMEOUT_MS,
  );

  it(
    'compares the strategies of a scenario file, shows progress on a terminal, and writes a page',
    async () => {
      const path = await scenarioFile('mine.json', {
        duration: '5s',
        rate: 20,
        server: { failing: 0.5 },
        strategies: {
          careful: { attempts: 5, gates: ['retryBudget'] },
          hasty: { attempts: 2, backoff: 'constant', initial: 0 },
        },
      });
      const page = join(folder, 'page.html');
      const { code, stdout, stderr } = await run([path, '--html', page], true);

      expect(code).toBe(0);
      // Nothing of it is left above the results.
      expect(stderr).toMatch(/^(\r[█░]{20} +\d+ % {2}\d+ s of (careful|hasty)\x1b\[K)+\r\x1b\[K$/);
      expect(stdout.toString()).toMatch(/^strategy .*\ncareful .*\nhasty .*\n\n.*per second:/);
      expect(await readFile(page, 'utf8')).toContain(`<h1>Simulation: ${path}</h1>`);
    },
    TIMEOUT_MS,
  );

  it('refuses what is no scenario', async () => {
    expect(await usageError('overlod')).toBe("2: simulate: no scenario 'overlod', did you mean overload?");
    expect(await usageError('toString')).toBe(
      "2: simulate: no scenario 'toString': expected blip, outage, overload, slow, metastable, contention, or the path of a JSON file",
    );
    expect(await usageError(join(folder, 'none.json'))).toMatch(/^26: simulate .*none\.json: ENOENT/);
    const broken = await scenarioFile('broken.json', '{"duration": 5,');
    expect(await usageError(broken)).toMatch(/^2: .*broken\.json: expected JSON: .* in JSON at position 15/);
    const wrong = await scenarioFile('wrong.json', {
      duration: 5,
      rate: 1,
      server: [{ failing: 0 }, { slowing: { base: 'x' } }],
    });
    expect(await usageError(wrong)).toMatch(
      /^2: .*wrong\.json: scenario\.server\[1\]\.slowing\.base must be .*, not 'x'$/,
    );
    const strategy = await scenarioFile('strategy.json', {
      duration: 5,
      rate: 1,
      server: { failing: 0 },
      strategies: { mine: { atempts: 1 } },
    });
    expect(await usageError(strategy)).toContain('strategy.json: unknown option "scenario.strategies.mine.atempts"; ');
    const taken = await scenarioFile('taken.json', {
      duration: 5,
      rate: 1,
      server: { failing: 0 },
      strategies: { yours: {} },
    });
    expect(await usageError(taken)).toContain('taken.json: scenario.strategies.yours is the name of ');
  });

  it(
    'ends with 1 if a strategy cannot be simulated',
    async () => {
      const path = await scenarioFile('still.json', { duration: '1s', rate: 9, server: { failing: 1 } });
      const still = ['--attempts', 'infinity', '--backoff', 'constant', '--initial', '0'];
      const { code, stdout, stderr } = await run([path, '--compare', 'none', ...still]);

      expect([code, stdout.length]).toEqual([1, 0]);
      expect(stderr).toMatch(/^rxjs-retry-client: strategies\["yours"\]: time stands still at \S+ ms, since .*\n$/);
    },
    TIMEOUT_MS,
  );

  it('ends with 23 before it simulates, if its page cannot be written', async () => {
    for (const path of [folder, join(folder, 'nowhere', 'page.html')]) {
      const { code, stderr } = await run(['metastable', '--html', path]);

      expect(code).toBe(23);
      expect(stderr).toMatch(/^rxjs-retry-client: --html: the file could not be written: .*\n$/);
    }
  });

  it(
    'runs as a process',
    async () => {
      const { code, stdout, stderr } = await runAsProcess('simulate', 'contention', '--compare', 'none');

      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.toString()).toMatch(/^strategy .* over after\nnone +1\.00 .*\n$/);
    },
    TIMEOUT_MS,
  );

  it(
    'ends at once when it is interrupted, while its worker blocks',
    async () => {
      const path = await scenarioFile('endless.json', {
        duration: '20h',
        clients: 1_000,
        rate: 1,
        server: { failing: 0 },
      });
      const page = join(folder, 'interrupted.html');
      const child = startOnTerminal('simulate', path, '--html', page);
      const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
      // Progress shows that the worker simulates.
      await once(child.stderr, 'data');
      const interruptedAt = performance.now();
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number];

      expect(code).toBe(130);
      expect(performance.now() - interruptedAt).toBeLessThan(5_000);
      expect(await stdout).toBe('');
      expect(await stderr).toMatch(/^\r[^\n]*\r\x1b\[K$/);
      await expectAsync(readFile(page)).toBeRejected();
    },
    TIMEOUT_MS,
  );
});
