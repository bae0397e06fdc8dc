// Follows docs/angular.md literally, with Angular 20, 21 and 22: `npm run test:guide`. Numbers as arguments select
// versions. It runs the guide's commands, with this package as npm packs it, pastes the blocks where the guide says
// (blocks.js), builds the application, and uses it in Chromium (use-app.js). The application that the reader has, a page
// with a request, is in app/. The specs of `ng add` run with each version's own tools, too.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { argv, env, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

import { installTools, packArguments } from '../support/packed-project.js';
import { applyChanges, readSteps } from './blocks.js';

/** The version of Angular's packages that belong together: not all of them have the same latest version. */
const versions = { 22: '22.2.0', 21: '21.2.24', 20: '20.3.32' };

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const tools = join(root, '.cache/guide');
const node = join(tools, 'node_modules/node-24/bin/node');
const environment = {
  ...env,
  PATH: `${dirname(node)}${delimiter}${env.PATH}`,
  NG_CLI_ANALYTICS: 'false',
  NO_COLOR: '1',
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_prefer_offline: 'true',
};

const steps = readSteps(readFileSync(join(root, 'docs/angular.md'), 'utf8'));
installTools(here, tools);
const folder = mkdtempSync(join(tmpdir(), 'guide-'));
const running = new Set();
process.on('exit', (code) => {
  for (const child of running) child.kill();
  // After a failure one can look into the application.
  if (code === 0) rmSync(folder, { recursive: true, force: true });
});
await run(root, 'npm', ...packArguments(folder));
const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const tarball = join(folder, `${name}-${version}.tgz`);

const queue = Object.keys(versions).filter((major) => argv.length < 3 || argv.includes(major));
// Two at a time: installing waits for the network, and a build uses more than one processor only at times.
await Promise.all([worker(), worker()]);

async function worker() {
  for (let major = queue.pop(); major; major = queue.pop()) {
    const started = Date.now();
    const cli = join(tools, `node_modules/angular-cli-${major}`);
    const specs = await runSpecs(cli);
    const app = await followGuide(major, cli);
    const used = await run(app, node, '--no-deprecation', join(here, 'use-app.js'), app);
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`Angular ${versions[major]}, after ${seconds} s:\n${specs}\n${used.trimEnd()}`);
  }
}

/** Runs the specs of `ng add` with the packages of a CLI, and returns their count. */
async function runSpecs(cli) {
  const args = ['--import', './spec/support/register.js', 'node_modules/jasmine/bin/jasmine.js'];
  const output = await run(root, node, ...args, '--config=spec/support/jasmine.json', 'spec/schematics/*.spec.ts', {
    ANGULAR_CLI: cli,
  });
  const [count] = /^\d+ specs, 0 failures$/m.exec(output) ?? [];
  if (!count || count.startsWith('0')) throw new Error(`The specs of ng add did not run:\n${output}`);
  return `  ng add: ${count}`;
}

/** Returns the folder of an application that was made as the guide says, and is built. */
async function followGuide(major, cli) {
  let cwd = join(folder, major);
  mkdirSync(cwd);
  for (const step of steps) {
    if (step.version !== undefined && step.version !== major) continue;
    try {
      if (step.kind === 'commands') cwd = await runCommands(step.lines, cwd, major, cli);
      else paste(step, cwd);
    } catch (error) {
      throw new Error(`docs/angular.md:${step.line} with Angular ${major}: ${error.message}`, { cause: error });
    }
  }
  const ng = 'node_modules/@angular/cli/bin/ng.js';
  await run(cwd, node, ng, 'build');
  // The guide's spec, and that of the new application. Before 21 they run in Karma: there they are only compiled.
  if (major > 20) await run(cwd, node, ng, 'test', '--no-watch');
  else
    await run(
      cwd,
      node,
      'node_modules/@angular/compiler-cli/bundles/src/bin/ngc.js',
      '-p',
      'tsconfig.spec.json',
      '--noEmit',
    );
  return cwd;
}

async function runCommands(lines, start, major, cli) {
  let cwd = start;
  for (const line of lines) {
    const [command, verb, ...args] = line.trim().split(/\s+/);
    const packed = args.map((arg) => (arg === name ? tarball : arg));
    if (command === 'cd') {
      cwd = join(cwd, verb);
    } else if (command === 'ng' && verb === 'new') {
      const flags = ['--defaults', '--interactive=false', '--skip-git', '--skip-install'];
      await run(cwd, node, join(cli, 'bin/ng.js'), 'new', ...args, ...flags);
      prepare(join(cwd, args[0]), major);
    } else if (command === 'ng' && verb === 'add') {
      await run(cwd, node, join(cli, 'bin/ng.js'), 'add', ...packed, '--skip-confirmation');
    } else if (command === 'npm' && verb === 'install') {
      await run(cwd, 'npm', 'install', ...packed);
    } else {
      throw new Error(`unknown command "${line}"`);
    }
  }
  return cwd;
}

/** Gives a new application versions that belong together, and the page of the reader. The guide's next command installs them. */
function prepare(app, major) {
  const file = join(app, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
    for (const name of Object.keys(dependencies)) {
      // The CLI's own packages have the version of the CLI.
      if (/^@angular\/(?!build|cli|ssr)/.test(name)) dependencies[name] = versions[major];
      else if (name.startsWith('@angular/')) dependencies[name] = dependencies[name].replace('^', '');
    }
  }
  writeFileSync(file, JSON.stringify(manifest, undefined, 2));
  cpSync(join(here, 'app'), app, { recursive: true });
}

function paste({ line, kind, path, lines }, app) {
  const file = join(app, path ?? `src/guide/line-${line}.ts`);
  mkdirSync(dirname(file), { recursive: true });
  const text =
    kind === 'changes' ? applyChanges(readFileSync(file, 'utf8'), lines) : `${lines.join('\n')}\nexport {};\n`;
  writeFileSync(file, text);
}

/** Runs a command and returns what it prints. The last argument may be variables of its environment. Ends all if it fails. */
async function run(cwd, command, ...args) {
  const variables = typeof args.at(-1) === 'object' ? args.pop() : {};
  const child = spawn(command, args, {
    cwd,
    env: { ...environment, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  running.delete(child);
  if (code === 0) return output;
  console.error(`${cwd}$ ${command} ${args.join(' ')}\n${output}`);
  exit(1);
}
