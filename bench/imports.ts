import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { BENCH, DIST } from './build.js';
import type { Rounds } from './measure.js';
import { measureInRounds } from './worker-process.js';

/** The modules that one subject consists of. */
interface ImportSubject {
  readonly name: string;
  readonly specifiers: readonly string[];
}

const SUBJECTS: readonly ImportSubject[] = [
  { name: 'rxjs', specifiers: ['rxjs'] },
  { name: 'rxjs-retry-client (with rxjs)', specifiers: [new URL('index.js', DIST).href] },
  { name: 'rxjs-retry-client/node (with node-fetch)', specifiers: [new URL('transports/node-fetch.js', DIST).href] },
  { name: 'backoff-rxjs (with rxjs)', specifiers: ['backoff-rxjs'] },
  { name: 'p-retry', specifiers: ['p-retry'] },
  { name: 'ky', specifiers: ['ky'] },
  { name: 'node-fetch', specifiers: ['node-fetch'] },
  { name: 'axios + axios-retry', specifiers: ['axios', 'axios-retry'] },
  { name: 'undici', specifiers: ['undici'] },
  { name: 'got', specifiers: ['got'] },
];

/** Each import needs a process of its own, because a second import in one process comes from the module cache. */
const IMPORTS_PER_ROUND = 2;

const execute = promisify(execFile);

/** Measures the CPU time in ms of importing each subject in a fresh process, round by round. */
export async function measureImports(rounds: number): Promise<Rounds<number>> {
  const results = await measureInRounds(SUBJECTS, rounds * IMPORTS_PER_ROUND, async ({ specifiers }) => {
    const source = [
      'const before = process.cpuUsage();',
      ...specifiers.map((specifier) => `await import(${JSON.stringify(specifier)});`),
      'const { user, system } = process.cpuUsage(before);',
      'console.log((user + system) / 1_000);',
    ].join('\n');
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', source], { cwd: BENCH });
    return Number(stdout);
  });
  return new Map([...results].map(([{ name }, times]) => [name, times]));
}
