// Compiles a project that uses the whole package, as npm packs it: `npm run test:types`. It uses the lowest TypeScript
// that the README promises, and the newest. The compilers are installed into .cache/types, so that they stay out of the
// project's own node_modules.
import { spawn } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { installPacked, installTools } from '../support/packed-project.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const cache = join(root, '.cache/types');
const modules = join(cache, 'node_modules');

const compilers = ['typescript-lowest', 'typescript'];

/**
 * The flags of different projects: the module resolution, the strictness of optional properties, and the source of
 * fetch's types.
 */
const projects = {
  nodenext: ['--module', 'nodenext', '--exactOptionalPropertyTypes'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  'Node alone': ['--module', 'nodenext', '--lib', 'es2023,esnext.disposable', '--types', 'node'],
};

installTools(here, cache);
installPacked(root, cache);
for (const name of ['consumer.ts', 'tsconfig.json']) cpSync(join(here, name), join(cache, name));
const queue = compilers.flatMap((compiler) =>
  Object.entries(projects).map(([project, flags]) => [compiler, project, flags]),
);
const failed = (await Promise.all([worker(), worker()])).flat();
process.exitCode = failed.length > 0 ? 1 : 0;

/** Compiles projects from the queue, one after another. There are two workers, since a compiler uses one processor. */
async function worker() {
  const failed = [];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [compiler, project, flags] = next;
    const { code, output } = await compile(compiler, flags);
    const { version } = JSON.parse(readFileSync(join(modules, compiler, 'package.json'), 'utf8'));
    console.log(`TypeScript ${version}, ${project}: ${code === 0 ? 'compiles' : `fails\n${output}`}`);
    if (code !== 0) failed.push(next);
  }
  return failed;
}

function compile(compiler, flags) {
  const child = spawn(execPath, [join(modules, compiler, 'bin/tsc'), '-p', cache, ...flags], {
    cwd: cache,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      resolve({ code, output });
    });
  });
}
