// Compiles projects that use the whole package, as npm packs it: `npm run test:types`. consumer.ts uses the lowest
// TypeScript that the README promises, with the lowest peers, and the newest; angular.ts the lowest Angular and
// TypeScript, and the newest. modules.js then compiles and runs a program with each value of `module`. The compilers are
// installed into .cache/types…, so that they stay out of the project's own node_modules.
import { spawn } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

import { installPacked, installTools } from '../support/packed-project.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * The flags of different projects: the module resolution, the strictness of optional properties, and the source of
 * fetch's types.
 */
const anyProject = {
  nodenext: ['--module', 'nodenext', '--exactOptionalPropertyTypes'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  'Node alone': ['--module', 'nodenext', '--lib', 'es2023,esnext.disposable', '--types', 'node'],
};

/** An Angular project has a bundler, and the module option of a new one. */
const angularProject = {
  preserve: ['--module', 'preserve'],
  'exact optional properties': ['--module', 'preserve', '--exactOptionalPropertyTypes'],
};

/** What is installed together, the compilers in it, and what they compile. */
const installations = [
  {
    tools: join(here, 'lowest'),
    cache: join(root, '.cache/types-lowest'),
    compilers: ['typescript'],
    config: 'tsconfig.json',
    projects: anyProject,
  },
  {
    tools: here,
    cache: join(root, '.cache/types'),
    compilers: ['typescript', 'typescript-7'],
    config: 'tsconfig.json',
    projects: anyProject,
  },
  ...['angular-20', 'angular-22'].map((name) => ({
    tools: join(here, name),
    cache: join(root, `.cache/types-${name}`),
    compilers: ['typescript'],
    config: 'tsconfig.angular.json',
    projects: angularProject,
  })),
];

for (const { tools, cache } of installations) {
  installTools(tools, cache);
  for (const name of ['consumer.ts', 'angular.ts', 'is.ts', 'tsconfig.json', 'tsconfig.angular.json']) {
    cpSync(join(here, name), join(cache, name));
  }
}
installPacked(root, ...installations.map(({ cache }) => cache));
const queue = installations.flatMap(({ cache, compilers, config, projects }) =>
  compilers.flatMap((compiler) =>
    Object.entries(projects).map(([project, flags]) => ({
      cache,
      compiler,
      title: [...versionsOf(cache, compiler), project].join(', '),
      flags: ['-p', join(cache, config), ...flags],
    })),
  ),
);
const failed = (await Promise.all([worker(), worker()])).flat();
process.exitCode = failed.length > 0 ? 1 : 0;

/** Compiles projects from the queue, one after another. There are two workers, since a compiler uses one processor. */
async function worker() {
  const failed = [];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { code, output } = await compile(next);
    console.log(`${next.title}: ${code === 0 ? 'compiles' : `fails\n${output}`}`);
    if (code !== 0) failed.push(next);
  }
  return failed;
}

function versionsOf(cache, compiler) {
  const { dependencies } = JSON.parse(readFileSync(join(cache, 'package.json'), 'utf8'));
  const angular = dependencies['@angular/core'];
  const typescript = dependencies[compiler].replace(/^npm:typescript@/, '');
  return [...(angular ? [`Angular ${angular}`] : []), `TypeScript ${typescript}`];
}

function compile({ cache, compiler, flags }) {
  const child = spawn(execPath, [join(cache, 'node_modules', compiler, 'bin/tsc'), ...flags], {
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
