import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

/** The path of the project's folder, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The path of this folder, with a slash at its end. */
export const BENCH = fileURLToPath(new URL('.', import.meta.url));
/** The URL of the built package's folder. */
export const DIST = new URL('../dist/', import.meta.url);

/** Builds the package, so that the benchmarks measure the code that is published. */
export async function buildPackage(): Promise<void> {
  await npm(ROOT, 'run', '--silent', 'build');
}

/** Installs the peers, unless the installed ones are at least as new as the lock file. */
export async function installPeers(): Promise<void> {
  const installed = statSync(`${BENCH}node_modules/.package-lock.json`, { throwIfNoEntry: false });
  if (installed && installed.mtimeMs >= statSync(`${BENCH}package-lock.json`).mtimeMs) return;
  await npm(BENCH, 'ci', '--loglevel=error');
}

/**
 * Compiles the benchmarks file by file, and returns the folder of the output. A worker then starts at once, and no code
 * of ts-node runs in it.
 */
export async function compileWorkers(): Promise<string> {
  const folder = `${BENCH}.cache/`;
  await rm(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: BENCH,
    entryPoints: ['*.ts', 'subjects/*.ts', 'peers/*.ts'],
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
  // Standard output is for figures alone.
  const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', process.stderr, process.stderr] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm ${args.join(' ')} failed`);
}
