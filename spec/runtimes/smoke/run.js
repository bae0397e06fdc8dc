// Runs the checks in Node, Bun, Deno and workerd: `npm run test:runtimes`; names as arguments select runtimes. They use
// this package as npm packs it. The runtimes are installed into .cache/runtimes. What one of them cannot do is listed in
// known.js: a check that fails and is not listed fails the run, and so does one that is listed and passes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { argv, execPath, exit } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { installPacked, installTools } from '../../support/packed-project.js';
import { bundleForProcess, bundleForWorkerd } from './bundle.js';
import { judge } from './judge.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const cache = join(root, '.cache/runtimes');
const bundles = join(cache, 'bundles');
const only = argv.find((argument) => argument.startsWith('--check='))?.slice(8) ?? '';

const runtimes = {
  Node: (origin) => runProcess(execPath, [], origin),
  Bun: (origin) => runProcess(binary('@oven', 'bun'), ['run'], origin),
  Deno: (origin) => runProcess(binary('@deno', 'deno'), ['run', '--allow-all', '--no-prompt'], origin),
  workerd: runWorker,
};
const names = Object.keys(runtimes);
const wanted = argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) {
  console.error(`there is no runtime "${unknown}"; there are ${names.join(', ')}`);
  exit(2);
}
const chosen = wanted.length > 0 ? wanted : names;

installTools(here, cache);
installPacked(root, cache);
// Or Bun would read the one of this project, whose paths lead to src.
writeFileSync(join(cache, 'tsconfig.json'), '{}');
rmSync(bundles, { recursive: true, force: true });
await Promise.all([bundleForProcess(bundles), bundleForWorkerd(bundles, join(cache, 'node_modules'))]);
const server = spawn(execPath, ['--import', join(root, 'spec/support/register.js'), join(here, 'serve.ts')], {
  cwd: root,
  stdio: ['pipe', 'pipe', 'inherit'],
});
const [origin] = await once(createInterface(server.stdout), 'line');
let failures = 0;
const queue = [...chosen];
// Two at a time: they wait more than they compute.
await Promise.all([worker(), worker()]);
server.stdin.end();
process.exitCode = failures > 0 ? 1 : 0;

async function worker() {
  for (let name = queue.shift(); name; name = queue.shift()) {
    const started = Date.now();
    const { version, results } = await runtimes[name](origin);
    if (argv.includes('--list'))
      console.log(
        results
          .map(({ name, error, ms }) => `${error ? '✗' : '✓'} ${name} (${ms} ms)${error ? `: ${error}` : ''}`)
          .join('\n'),
      );
    const faults = judge(name, results, only !== '');
    failures += faults.length;
    const passed = results.filter(({ error }) => error === undefined).length;
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`${name} ${version}: ${passed} of ${results.length} checks pass, in ${seconds} s`);
    for (const fault of faults) console.log(`  ${fault}`);
  }
}

/** The binary of a runtime: in the package of this platform, unless a script of the installation has moved it into the runtime's own. */
function binary(scope, name) {
  const modules = join(cache, 'node_modules');
  const candidates = readdirSync(join(modules, scope)).flatMap((platform) => [
    join(modules, scope, platform, name),
    join(modules, scope, platform, 'bin', name),
  ]);
  const found = [...candidates, join(modules, '.bin', name)].find((file) => existsSync(file));
  if (found === undefined) throw new Error(`there is no ${name} in ${modules}`);
  return found;
}

async function runProcess(command, args, origin) {
  const child = spawn(command, [...args, join(bundles, 'process/process.mjs'), origin, only], {
    cwd: cache,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = [];
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code} after the check "${lines.at(-1)?.name}"`);
  const [{ version }, ...results] = lines;
  return { version, results };
}

/** Workers are served by miniflare, Cloudflare's simulator, which runs workerd. Its modules are those that wrangler would upload. */
async function runWorker(origin) {
  const load = createRequire(join(cache, 'package.json'));
  const { Miniflare } = await import(pathToFileURL(load.resolve('miniflare')));
  const folder = join(bundles, 'worker');
  const files = readdirSync(folder).sort(
    (left, right) => Number(right === 'worker.mjs') - Number(left === 'worker.mjs'),
  );
  const miniflare = new Miniflare({
    modulesRoot: folder,
    modules: files.map((file) => ({
      type: 'ESModule',
      path: join(folder, file),
      contents: readFileSync(join(folder, file), 'utf8'),
    })),
    compatibilityDate: '2026-07-01',
    compatibilityFlags: ['nodejs_compat'],
    // What the worker logs is said by the checks.
    handleRuntimeStdio: (...streams) => streams.forEach((stream) => stream.resume()),
  });
  try {
    const url = await miniflare.ready;
    const { names, pairedChecks } = await (await fetch(url)).json();
    const results = [];
    for (const name of names.filter((check) => check.includes(only))) {
      const ask = async (part) => {
        const query = new URLSearchParams({ check: name, origin, part });
        const answer = await fetch(`${url}?${query}`, { signal: AbortSignal.timeout(15_000) });
        return answer.ok ? (await answer.json()).error : `the worker failed: ${await answer.text()}`;
      };
      const started = Date.now();
      const parts = pairedChecks.includes(name) ? [0, 1] : [0];
      const errors = await Promise.all(parts.map((part) => ask(part).catch(String)));
      results.push({ name, error: errors.find((error) => error !== undefined), ms: Date.now() - started });
    }
    return { version: load('workerd/package.json').version, results };
  } finally {
    await miniflare.dispose();
  }
}
