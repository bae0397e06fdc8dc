import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { BENCH, DIST } from './build.js';
import type { Rounds } from './compete.js';
import { inRounds } from './lab.js';

interface Imported {
  readonly who: string;
  readonly specifiers: readonly string[];
}

const IMPORTED: readonly Imported[] = [
  { who: 'rxjs', specifiers: ['rxjs'] },
  { who: 'rxjs-retry-client (with rxjs)', specifiers: [new URL('index.js', DIST).href] },
  { who: 'rxjs-retry-client/node (with node-fetch)', specifiers: [new URL('transports/node-fetch.js', DIST).href] },
  { who: 'backoff-rxjs (with rxjs)', specifiers: ['backoff-rxjs'] },
  { who: 'p-retry', specifiers: ['p-retry'] },
  { who: 'ky', specifiers: ['ky'] },
  { who: 'node-fetch', specifiers: ['node-fetch'] },
  { who: 'axios + axios-retry', specifiers: ['axios', 'axios-retry'] },
  { who: 'undici', specifiers: ['undici'] },
  { who: 'got', specifiers: ['got'] },
];

/** An import happens once in a process, so there is one for each. */
const ROUNDS_EACH = 2;

const run = promisify(execFile);

/** The CPU time of importing in a fresh process, in ms, round by round. */
export async function importRounds(rounds: number): Promise<Rounds<number>> {
  const results = await inRounds(IMPORTED, rounds * ROUNDS_EACH, async ({ specifiers }) => {
    const source = [
      'const before = process.cpuUsage();',
      ...specifiers.map((specifier) => `await import(${JSON.stringify(specifier)});`),
      'const { user, system } = process.cpuUsage(before);',
      'console.log((user + system) / 1_000);',
    ].join('\n');
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', source], { cwd: BENCH });
    return Number(stdout);
  });
  return new Map([...results].map(([{ who }, times]) => [who, times]));
}
