import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

/** The folder of the project, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The folder of the benchmarks. */
export const BENCH = fileURLToPath(new URL('.', import.meta.url));
/** The built package. */
export const DIST = new URL('../dist/', import.meta.url);

/** Builds the package, so that what is measured is what is shipped. */
export async function buildPackage(): Promise<void> {
  await npm(ROOT, 'run', '--silent', 'build');
}

/** Installs what the package is measured against, unless it is there as the lock file says. */
export async function installPeers(): Promise<void> {
  const installed = statSync(`${BENCH}node_modules/.package-lock.json`, { throwIfNoEntry: false });
  if (installed && installed.mtimeMs >= statSync(`${BENCH}package-lock.json`).mtimeMs) return;
  await npm(BENCH, 'ci', '--loglevel=error');
}

/** Compiles the benchmarks file by file, so that a worker starts at once, and without ts-node. Gives the folder. */
export async function compileWorkers(): Promise<string> {
  const folder = `${BENCH}.cache/`;
  await rm(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: BENCH,
    entryPoints: ['*.ts', 'contestants/*.ts', 'peers/*.ts'],
    outdir: folder,
    outbase: BENCH,
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  return folder;
}

async function npm(folder: string, ...args: string[]): Promise<void> {
  // What it says is not a figure.
  const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', process.stderr, process.stderr] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed.`);
}
