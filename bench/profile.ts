// Profiles the CPU time of one subject: `npm run bench:profile -- <case> <subject>`. The subject runs in a process of
// its own, and the profiler starts after the warm-up. Peers need not be installed, unless the subject is a peer.
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';

import { BenchUsageError } from './arguments.js';
import { buildPackage, compileWorkers, DIST, ROOT } from './build.js';
import { allCases, type RequestCase } from './cases.js';
import { markdownTable } from './markdown.js';
import { effortFor, requestTask, type BenchSetup } from './measure.js';
import { type Profile, selfTimes } from './self-times.js';
import { startServer, WorkerProcess } from './worker-process.js';

/** The most functions in the table. */
const MAX_FUNCTIONS = 30;
/** The time between two samples of the stack, in µs. */
const SAMPLING_INTERVAL_US = 100;
/** The number of requests, in rounds of a benchmark. */
const ROUNDS = 20;
const FOLDER = `${ROOT}.cache/profile/`;
const FILE = `${FOLDER}bench.cpuprofile`;

async function run(): Promise<void> {
  const cases = allCases(existsSync(new URL('transports/undici.js', DIST))).filter(
    (each): each is RequestCase => each.kind === 'requests',
  );
  const [caseName = '', subjectName = ''] = process.argv.slice(2);
  const benchCase = cases.find(({ name }) => name === caseName);
  if (!benchCase) {
    throw new BenchUsageError(`unknown case "${caseName}"; known cases: ${cases.map(({ name }) => name).join(', ')}`);
  }
  const subject = benchCase.subjects.find(({ name }) => name === subjectName);
  if (!subject) {
    const names = benchCase.subjects.map(({ name }) => `"${name}"`).join(', ');
    throw new BenchUsageError(`unknown subject "${subjectName}"; known subjects: ${names}`);
  }
  await buildPackage();
  const folder = await compileWorkers();
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const server = await startServer(folder);
  const worker = new WorkerProcess(subjectName, `${folder}worker.js`);
  let profile: string;
  try {
    const setup: BenchSetup = { folder, dist: DIST, server: server.url, rounds: 1 };
    await worker.open(requestTask(subject, benchCase, setup));
    const requests = await worker.warmUp(effortFor(benchCase, false));
    profile = await worker.profile(requests * ROUNDS, SAMPLING_INTERVAL_US);
  } finally {
    await worker.close();
    server.close();
  }
  await writeFile(FILE, profile);
  const rows = selfTimes(JSON.parse(profile) as Profile)
    .slice(0, MAX_FUNCTIONS)
    .map(({ name, location, share }) => [`${(share * 100).toFixed(1)} %`, name, location]);
  console.log(markdownTable({ columns: ['self time', 'function', 'location'], rows }));
  console.log(`\nOpen ${FILE} in the DevTools of Chromium for the whole profile.`);
}

try {
  await run();
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  console.error(`${error.message}\nUsage: npm run bench:profile -- <case> <subject>`);
  process.exitCode = 2;
}
