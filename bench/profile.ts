// Where the CPU time of one contestant goes: `npm run bench:profile -- <case> <contestant>`. It runs in a process of its own, warmed up before
// the profiler is asked, and needs no peers unless the contestant is one.
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';

import { BenchUsageError } from './arguments.js';
import { buildPackage, compileWorkers, DIST, ROOT } from './build.js';
import { allCases, type RequestCase } from './cases.js';
import { effort, requestTask, type Setting } from './compete.js';
import { startServer, Worker } from './lab.js';
import { markdownTable } from './markdown.js';
import { type Profile, selfTimes } from './self-times.js';

/** How many functions are named. */
const TOP = 30;
/** How often the stack is looked at, in µs. */
const INTERVAL = 100;
/** How much is profiled, in rounds of a benchmark. */
const ROUNDS = 20;
const FOLDER = `${ROOT}.cache/profile/`;
const FILE = `${FOLDER}bench.cpuprofile`;

async function run(): Promise<void> {
  const cases = allCases(existsSync(new URL('transports/undici.js', DIST))).filter(
    (one): one is RequestCase => one.kind === 'requests',
  );
  const [name = '', who = ''] = process.argv.slice(2);
  const one = cases.find((each) => each.name === name);
  if (!one) {
    throw new BenchUsageError(
      `The first argument must be one of ${cases.map((each) => each.name).join(', ')}, but is "${name}".`,
    );
  }
  const contestant = one.contestants.find((each) => each.who === who);
  if (!contestant) {
    const names = one.contestants.map((each) => `"${each.who}"`).join(', ');
    throw new BenchUsageError(`The second argument must be one of ${names}, but is "${who}".`);
  }
  await buildPackage();
  const folder = await compileWorkers();
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const server = await startServer(folder);
  const worker = new Worker(who, `${folder}worker.js`);
  let profile: string;
  try {
    const setting: Setting = { folder, dist: DIST, server: server.url, rounds: 1 };
    await worker.open(requestTask(contestant, one, setting));
    const requests = await worker.warm(effort(one, false));
    profile = await worker.profile(requests * ROUNDS, INTERVAL);
  } finally {
    await worker.close();
    server.close();
  }
  await writeFile(FILE, profile);
  const rows = selfTimes(JSON.parse(profile) as Profile)
    .slice(0, TOP)
    .map(({ name: callee, where, share }) => [`${(share * 100).toFixed(1)} %`, callee, where]);
  console.log(markdownTable({ columns: ['of its time', 'function', 'where'], rows }));
  console.log(`\n${FILE} can be opened in the DevTools of Chromium.`);
}

try {
  await run();
} catch (error) {
  if (!(error instanceof BenchUsageError)) throw error;
  console.error(`${error.message}\nUsage: npm run bench:profile -- <case> <contestant>`);
  process.exitCode = 2;
}
