// Runs the recipes of the pages in docs (testing, angular, attempts-and-tracing, fetch-clients) with the package as npm
// packs it: `npm run test:recipes`. Names of folders as arguments select recipes. The tools are installed into .cache/recipes,
// so that they stay out of the project's own node_modules.
import { spawn } from 'node:child_process';
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { argv, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

import { installPacked, installTools } from '../support/packed-project.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const cache = join(root, '.cache/recipes');
const modules = join(cache, 'node_modules');

const node24 = join(modules, 'node-24/bin/node');
const jest = join(modules, 'jest/bin/jest.js');
const vitest = join(modules, 'vitest/vitest.mjs');
const jasmine = join(modules, 'jasmine/bin/jasmine.js');

/** The recipes as [folder, path of Node, arguments]. */
const recipes = [
  ['jest-angular', execPath, [jest]],
  ['vitest-angular', execPath, [vitest, 'run']],
  ['vitest', execPath, [vitest, 'run']],
  ['jest-cjs', execPath, [jest]],
  ['jest-cjs', node24, ['--experimental-vm-modules', jest, '--config={"transform":{}}']],
  ['jest-esm', execPath, ['--experimental-vm-modules', jest]],
  ['jest-jsdom', execPath, [jest]],
  ['msw', execPath, [vitest, 'run']],
  ['msw', node24, [vitest, 'run', '--config=msw-3.config.js']],
  ['nock', execPath, [vitest, 'run']],
  ['nock', node24, [vitest, 'run', '--config=nock-15.config.js']],
  ['mock-agent', execPath, [vitest, 'run']],
  ['tracing', execPath, [vitest, 'run']],
  ['fetch-clients', execPath, [vitest, 'run']],
  ['fake-timers/jest', execPath, ['--experimental-vm-modules', jest]],
  ['fake-timers/vitest', execPath, [vitest, 'run']],
  ['fake-timers/sinon', execPath, [vitest, 'run']],
  ['fake-timers/jasmine', execPath, [jasmine, '--config=jasmine.json']],
  ['fake-timers/node-test', node24, ['--test', '--test-reporter=tap']],
];

const untested = [
  ...untestedBlocks('docs/testing.md'),
  // Of these pages the others are compiled by check:docs.
  ...untestedBlocks('docs/angular.md', ({ file }) => file !== undefined),
  ...untestedBlocks('docs/attempts-and-tracing.md', ({ file }) => file !== undefined),
  ...untestedBlocks('docs/fetch-clients.md', ({ file }) => file !== undefined),
];
for (const place of untested) console.log(`${place}: the code block is not part of a recipe, or of the file before it`);
installTools(here, cache);
copyRecipes();
installPacked(root, cache);
const chosen = recipes.filter(([folder]) => argv.length < 3 || argv.slice(2).some((name) => folder.startsWith(name)));
const queue = [...chosen];
const counts = (await Promise.all([worker(), worker()])).flat();
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, untested.length);
console.log(`recipes: ${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

/**
 * Returns the places of a page's code blocks that do not occur in the file named before them, or have no file. So the
 * page shows only tested code.
 */
function untestedBlocks(name, isChecked = () => true) {
  const page = readFileSync(join(root, name), 'utf8');
  const block = /(?:<!-- (?<file>\S+) -->\n+)?^```(?<language>\w*)[^\n]*\n(?<code>[^]*?)^```$/gm;
  return [...page.matchAll(block)].flatMap(({ index, 0: whole, groups }) => {
    const { file, language, code } = groups;
    if (language === 'sh' || !isChecked(groups)) return [];
    const isTested = file !== undefined && readFileSync(join(here, file), 'utf8').includes(code);
    return isTested ? [] : [`${name}:${page.slice(0, index + whole.indexOf('```')).split('\n').length}`];
  });
}

/** Copies the recipes into the folder of their tools. */
function copyRecipes() {
  for (const folder of new Set(recipes.map(([folder]) => folder.split('/')[0]))) {
    rmSync(join(cache, folder), { recursive: true, force: true });
    cpSync(join(here, folder), join(cache, folder), { recursive: true });
  }
  // The component of the guide, which the example uses.
  cpSync(join(root, 'docs/examples/angular/src/app/banner.ts'), join(cache, 'jest-angular/banner.ts'));
}

/**
 * Runs recipes from the queue, one after another. Two workers are enough, since most tools start processes of their
 * own.
 */
async function worker() {
  const counts = [];
  for (let recipe = queue.shift(); recipe; recipe = queue.shift()) counts.push(await runRecipe(...recipe));
  return counts;
}

async function runRecipe(folder, node, args) {
  const cwd = join(cache, folder);
  const { code, output } = await outputOf(node, args, cwd);
  const count = countTests(output);
  // A file that cannot be loaded runs no test, so its failure is not among the counts.
  if (code !== 0) count.failed ||= 1;
  if (code === 0 && count.passed === 0) count.failed += 1;
  const how = args.map((arg) => (arg.startsWith(modules) ? relative(modules, arg).split('/')[0] : arg)).join(' ');
  console.log(
    `  ${folder} (${node === node24 ? 'Node 24: ' : ''}${how}): ${count.passed} passed, ${count.failed} failed`,
  );
  if (count.failed > 0) console.log(output.replace(/^/gm, '    '));
  return count;
}

function outputOf(command, args, cwd) {
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      resolve({ code, output: stripVTControlCharacters(output) });
    });
  });
}

/** Reads the totals in the output of Jest and Vitest, of Jasmine, or of Node's test runner. */
function countTests(output) {
  const [, tests] = /^ *Tests:? +(.*)$/m.exec(output) ?? [];
  if (tests)
    return {
      passed: Number(/(\d+) passed/.exec(tests)?.[1] ?? 0),
      failed: Number(/(\d+) failed/.exec(tests)?.[1] ?? 0),
    };
  const [, specs, failures] = /^(\d+) specs?, (\d+) failures?/m.exec(output) ?? [];
  if (specs) return { passed: specs - failures, failed: Number(failures) };
  return {
    passed: Number(/^# pass (\d+)/m.exec(output)?.[1] ?? 0),
    failed: Number(/^# fail (\d+)/m.exec(output)?.[1] ?? 0),
  };
}
