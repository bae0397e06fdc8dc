// Compares the package with its peers: `npm run bench`. Figures go to standard output, everything else to standard
// error.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { BenchUsageError, readBenchArguments, usage } from './arguments.js';
import { buildPackage, compileWorkers, DIST, installPeers } from './build.js';
import {
  allCases,
  type Case,
  CLIENT,
  CLIENT_HELD,
  CLIENT_WAKEABLE,
  OPERATOR,
  RXJS_RETRY,
  withSubjects,
} from './cases.js';
import { formatFigure } from './figures.js';
import { measureImports } from './imports.js';
import { describeMachine } from './machine.js';
import { replaceSection, markdownTable } from './markdown.js';
import { measureGrowth, measurePending, measureRequests, type BenchSetup } from './measure.js';
import { importResult, pendingResult, requestResult, type Result, simulationResult, sizeResult } from './results.js';
import { measureSimulations } from './simulations.js';
import { OWN_BUNDLES, PEER_BUNDLES, measureSize } from './sizes.js';
import { WorkerPool, startServer } from './worker-process.js';

const DOCUMENT = new URL('../docs/performance.md', import.meta.url);

async function measureCase(benchCase: Case, setup: BenchSetup): Promise<Result> {
  switch (benchCase.kind) {
    case 'requests':
      return requestResult(benchCase, await measureRequests(benchCase, setup));
    case 'pending':
      return pendingResult(
        benchCase,
        await measurePending(benchCase, setup),
        await measureGrowth(
          withSubjects(benchCase, [RXJS_RETRY, OPERATOR, CLIENT, CLIENT_WAKEABLE, CLIENT_HELD]),
          setup,
        ),
      );
    case 'import':
      return importResult(benchCase.name, await measureImports(setup.rounds));
    case 'simulation':
      return simulationResult(benchCase.name, await measureSimulations(Math.min(setup.rounds, 3)));
    case 'size': {
      const bundles = [...Object.values(OWN_BUNDLES), ...PEER_BUNDLES];
      return sizeResult(
        benchCase.name,
        await Promise.all(bundles.map(async (bundle) => ({ subject: bundle.name, bytes: await measureSize(bundle) }))),
      );
    }
  }
}

async function run(): Promise<void> {
  // Reads the command line before the build, so that a wrong argument fails at once. What dist holds does not matter
  // for it.
  const knownCases = allCases(true);
  const options = readBenchArguments(
    process.argv.slice(2),
    knownCases.map(({ name }) => name),
  );
  if (options.help) {
    console.log(usage(knownCases));
    return;
  }
  await installPeers();
  await buildPackage();
  const folder = await compileWorkers();
  const server = await startServer(folder);
  const networkPool = new WorkerPool(`${folder}worker.js`);
  const setup: BenchSetup = { folder, dist: DIST, server: server.url, networkPool, rounds: options.rounds };
  const hasUndici = existsSync(new URL('transports/undici.js', DIST));
  const tables = new Map<string, string>();
  try {
    for (const benchCase of allCases(hasUndici).filter(({ name }) => options.cases.includes(name))) {
      const startedAt = performance.now();
      const { figures, table } = await measureCase(benchCase, setup);
      const text = markdownTable(table);
      tables.set(benchCase.name, text);
      for (const figure of figures) console.log(formatFigure(figure));
      console.error(
        `\n${benchCase.name}: ${benchCase.title} (${((performance.now() - startedAt) / 1_000).toFixed(1)} s)\n\n${text}`,
      );
    }
  } finally {
    await networkPool.close();
    server.close();
  }
  if (options.write) await writeTables(tables);
}

/** Writes the tables into their sections of docs/performance.md, and keeps the text around them. */
async function writeTables(tables: ReadonlyMap<string, string>): Promise<void> {
  let document = await readFile(DOCUMENT, 'utf8');
  for (const [name, text] of tables) document = replaceSection(document, name, text);
  document = replaceSection(document, 'machine', await describeMachine());
  await writeFile(DOCUMENT, document);
  console.error(`\nwrote ${fileURLToPath(DOCUMENT)}`);
}

try {
  await run();
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  console.error(`${error.message}\nRun npm run bench -- --help for the options.`);
  process.exitCode = 2;
}
