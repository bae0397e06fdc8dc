import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem, type as system } from 'node:os';

import { BENCH, ROOT } from './build.js';

/**
 * Describes the origin of the figures as a Markdown list: the machine, and the versions of Node, RxJS and the peers.
 */
export async function describeMachine(): Promise<string> {
  const [cpu] = cpus();
  const own = await versions(ROOT, ['rxjs', 'node-fetch', 'esbuild']);
  const peers = await versions(BENCH, Object.keys((await readManifest(`${BENCH}package.json`)).devDependencies ?? {}));
  return [
    `- ${cpus().length} × ${cpu?.model.trim() ?? 'an unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${system()} ${release().split('-')[0] ?? ''}`,
    `- Node ${process.versions.node} (V8 ${process.versions.v8}; its fetch is undici ${process.versions.undici ?? 'of an unknown version'})`,
    `- ${[...own, ...peers].sort().join(', ')}`,
  ].join('\n');
}

async function versions(folder: string, names: readonly string[]): Promise<string[]> {
  return Promise.all(
    names.map(
      async (name) => `${name} ${(await readManifest(`${folder}node_modules/${name}/package.json`)).version ?? ''}`,
    ),
  );
}

interface Manifest {
  readonly version?: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

async function readManifest(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(file, 'utf8')) as Manifest;
}
