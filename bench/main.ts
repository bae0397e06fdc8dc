// Sets the package beside its peers: `npm run bench`. Figures go to standard output, everything else to standard error.
import { BenchUsageError, readBenchArguments, usage } from './arguments.js';
import { buildPackage, compileWorkers, DIST, installPeers } from './build.js';
import { allCases, type Case } from './cases.js';
import { growthRounds, pendingRounds, requestRounds, type Setting } from './compete.js';
import { figureLine } from './figures.js';
import { markdownTable } from './markdown.js';
import { pendingResult, requestResult, type Result, sizeResult } from './results.js';
import { OWN_BUNDLES, PEER_BUNDLES, sizeOf } from './sizes.js';

async function measure(one: Case, setting: Setting): Promise<Result> {
  switch (one.kind) {
    case 'requests':
      return requestResult(one, await requestRounds(one, setting));
    case 'pending':
      return pendingResult(one, await pendingRounds(one, setting), await growthRounds(one, setting));
    case 'import':
      throw new Error('There is no such case yet.');
    case 'size': {
      const bundles = [...Object.values(OWN_BUNDLES), ...PEER_BUNDLES];
      return sizeResult(one.name, await Promise.all(bundles.map(async (bundle) => ({ who: bundle.who, bytes: await sizeOf(bundle) }))));
    }
  }
}

async function run(): Promise<void> {
  const cases = allCases();
  const given = readBenchArguments(process.argv.slice(2), cases.map(({ name }) => name));
  if (given.help) {
    console.log(usage(cases));
    return;
  }
  await installPeers();
  await buildPackage();
  const folder = await compileWorkers();
  const setting: Setting = { folder, dist: DIST, server: '', rounds: given.rounds, effort: { warmUp: 1_500, round: 150 } };
  for (const one of cases.filter(({ name }) => given.cases.includes(name))) {
    const began = performance.now();
    const { figures, table } = await measure(one, setting);
    for (const figure of figures) console.log(figureLine(figure));
    console.error(`\n${one.name}: ${one.title} (${((performance.now() - began) / 1_000).toFixed(1)} s)\n\n${markdownTable(table)}`);
  }
}

try {
  await run();
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  console.error(`${error.message}\nnpm run bench -- --help says what there is.`);
  process.exitCode = 2;
}
