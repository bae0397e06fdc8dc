// Runs the specs in other versions of Node, and with other versions of the peers: `npm run test:nodes` and `npm run
// test:lowest`. `node spec/runtimes/run.js <run>… <arguments of jasmine>` selects runs and specs. What a run needs is
// installed into .cache, never into the project's node_modules: there, an alias of Node would put `node` into .bin, where
// every script of the project would take it for its own.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { argv, env, execPath, stdout, versions } from 'node:process';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { installTools } from '../support/packed-project.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const cache = join(root, '.cache');

/** Each run: its Node (else the one that runs this), the folder of its peers (else the project's), and its specs. */
const runs = {
  22: { node: 'node-22', config: 'nodes.js' },
  24: { node: 'node-24', config: 'nodes.js' },
  26: { node: 'node-26', config: 'nodes.js' },
  'undici-8': { node: 'node-24', peers: 'undici-8', config: 'undici.js' },
  lowest: { peers: 'lowest-peers', config: 'lowest-peers.js' },
};

const isRun = (argument) => Object.hasOwn(runs, argument);
const selected = argv.slice(2).filter(isRun);
const jasmineArguments = argv.slice(2).filter((argument) => !isRun(argument));
const names = selected.length > 0 ? selected : ['22', '24', '26', 'undici-8'];

const selectedRuns = names.map(prepare);
const queue = [...selectedRuns];

// Two at a time, since there are two processors. One run's output is shown as it comes, the other's after it.
const workers = [worker(), worker()];
for (const { output } of selectedRuns) {
  for await (const text of output) stdout.write(text);
}
await Promise.all(workers);
console.log();
for (const { title, summary } of selectedRuns) console.log(`${title}: ${summary}`);
process.exitCode = selectedRuns.every(({ code }) => code === 0) ? 0 : 1;

/** Installs what a run needs. */
function prepare(name) {
  const { node, peers, config } = runs[name];
  if (node) installTools(join(here, 'nodes'), join(cache, 'nodes'));
  if (peers) installTools(join(here, peers), join(cache, peers));
  const folder = node && join(cache, 'nodes/node_modules', node);
  const version = folder ? JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version : versions.node;
  return {
    title: [`node ${version}`, ...(peers ? [peers] : [])].join(', '),
    binary: folder ? join(folder, 'bin/node') : execPath,
    peers: peers && join(cache, peers),
    config: join('spec/support', config),
    // It holds all of the output, since a run that waits to be shown must not wait to write.
    output: new PassThrough({ encoding: 'utf8', highWaterMark: Number.MAX_SAFE_INTEGER }),
  };
}

/** Does the runs of the queue, one after another. */
async function worker() {
  for (let next = queue.shift(); next; next = queue.shift()) {
    const started = performance.now();
    const { code, text } = await runSpecs(next);
    const [counts = `no result, exit code ${code}`] = /^\d+ specs?, .*$/m.exec(text) ?? [];
    next.code = code;
    next.summary = `${counts}, ${Math.round((performance.now() - started) / 1_000)} s`;
  }
}

function runSpecs({ binary, peers, config, output }) {
  const child = spawn(
    binary,
    [
      // What loads TypeScript uses APIs that newer Nodes call deprecated, in each process.
      ...['--disable-warning=DEP0180', '--disable-warning=DEP0205'],
      ...['--enable-source-maps', '--import', './spec/support/register.js'],
      ...['node_modules/jasmine/bin/jasmine.js', `--config=${config}`, ...jasmineArguments],
    ],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Specs start processes, which are to use the same Node and the same peers.
      env: { ...env, PATH: `${dirname(binary)}${delimiter}${env.PATH}`, ...(peers && { SPEC_PEERS: peers }) },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece) => {
      text += piece;
      output.write(piece);
    });
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code) => {
      output.end();
      resolve({ code, text });
    });
  });
}
