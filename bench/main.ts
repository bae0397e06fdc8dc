// Sets the package beside its peers: `npm run bench`. Figures go to standard output, everything else to standard error.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { BenchUsageError, readBenchArguments, usage } from './arguments.js';
import { buildPackage, compileWorkers, DIST, installPeers } from './build.js';
import { allCases, type Case, CLIENT, only, OPERATOR, RXJS_RETRY } from './cases.js';
import { growth, pendingRounds, requestRounds, type Setting } from './compete.js';
import { figureLine } from './figures.js';
import { importRounds } from './imports.js';
import { Pool, startServer } from './lab.js';
import { machine } from './machine.js';
import { fillIn, markdownTable } from './markdown.js';
import { importResult, pendingResult, requestResult, type Result, sizeResult } from './results.js';
import { OWN_BUNDLES, PEER_BUNDLES, sizeOf } from './sizes.js';

const DOCUMENT = new URL('../docs/performance.md', import.meta.url);

async function measure(one: Case, setting: Setting): Promise<Result> {
  switch (one.kind) {
    case 'requests':
      return requestResult(one, await requestRounds(one, setting));
    case 'pending':
      return pendingResult(
        one,
        await pendingRounds(one, setting),
        await growth(only(one, [RXJS_RETRY, OPERATOR, CLIENT]), setting),
      );
    case 'import':
      return importResult(one.name, await importRounds(setting.rounds));
    case 'size': {
      const bundles = [...Object.values(OWN_BUNDLES), ...PEER_BUNDLES];
      return sizeResult(
        one.name,
        await Promise.all(bundles.map(async (bundle) => ({ who: bundle.who, bytes: await sizeOf(bundle) }))),
      );
    }
  }
}

async function run(): Promise<void> {
  // The command line is read before anything is built, so nobody waits to hear of a slip; what dist holds then is no news to it.
  const names = allCases(true);
  const given = readBenchArguments(
    process.argv.slice(2),
    names.map(({ name }) => name),
  );
  if (given.help) {
    console.log(usage(names));
    return;
  }
  await installPeers();
  await buildPackage();
  const folder = await compileWorkers();
  const server = await startServer(folder);
  const travellers = new Pool(`${folder}worker.js`);
  const setting: Setting = { folder, dist: DIST, server: server.url, travellers, rounds: given.rounds };
  const undici = existsSync(new URL('transports/undici.js', DIST));
  const tables = new Map<string, string>();
  try {
    for (const one of allCases(undici).filter(({ name }) => given.cases.includes(name))) {
      const began = performance.now();
      const { figures, table } = await measure(one, setting);
      const text = markdownTable(table);
      tables.set(one.name, text);
      for (const figure of figures) console.log(figureLine(figure));
      console.error(`\n${one.name}: ${one.title} (${((performance.now() - began) / 1_000).toFixed(1)} s)\n\n${text}`);
    }
  } finally {
    await travellers.close();
    server.close();
  }
  if (given.write) await writeTables(tables);
}

/** Puts the tables where docs/performance.md has a place for them; what is written around them stays. */
async function writeTables(tables: ReadonlyMap<string, string>): Promise<void> {
  let document = await readFile(DOCUMENT, 'utf8');
  for (const [name, text] of tables) document = fillIn(document, name, text);
  document = fillIn(document, 'machine', await machine());
  await writeFile(DOCUMENT, document);
  console.error(`\n${fileURLToPath(DOCUMENT)} is written.`);
}

try {
  await run();
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  console.error(`${error.message}\nnpm run bench -- --help says what there is.`);
  process.exitCode = 2;
}
