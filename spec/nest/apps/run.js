// Builds, tests and runs fresh applications of `nest new` with Nest 10, 11 and 12 and this package as npm packs it:
// `npm run test:nest`. Numbers as arguments select versions. Each version's packages are installed into .cache/nest-…; its own CLI makes the application in there.
// The application is that of docs/nest.md; what is added to it is in shop/. Its tests run in Jest with this package's preset (Nest 10 and 11, CommonJS), or in Vitest (Nest 12).
// Then the built application runs on Express and on Fastify before a flaky upstream: failover, a caller who leaves, and SIGTERM under load.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { join } from 'node:path';
import { argv, env, execPath, exit } from 'node:process';
import { fileURLToPath } from 'node:url';

import { applyChanges, readSteps } from '../../guide/blocks.js';
import { installPacked, installTools } from '../../support/packed-project.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));
const CALLERS = 20;
/** Below /prices: the guide's own controller, and those of shop/. */
const PATHS = ['', '/price', '/count'];
/** What docs/nest.md says to write into files. Its other blocks of code are compiled by `npm run check:docs`. */
const guide = readSteps(
  readFileSync(join(root, 'docs/nest.md'), 'utf8').replaceAll(/^```diff\n-[^]*?^```$/gm, ''),
).filter(({ path }) => path !== undefined);
const majors = ['10', '11', '12'].filter((major) => argv.length < 3 || argv.includes(major));
const cacheOf = (major) => join(root, `.cache/nest-${major}`);

for (const major of majors) installTools(join(here, `nest-${major}`), cacheOf(major));
installPacked(root, ...majors.map(cacheOf));
const queue = [...majors];
await Promise.all([worker(), worker()]);

async function worker() {
  for (let major = queue.pop(); major; major = queue.pop()) {
    const started = Date.now();
    const app = await createApp(major);
    const nest = join(cacheOf(major), 'node_modules/@nestjs/cli/bin/nest.js');
    await run(app, execPath, nest, 'build');
    const tests = await run(app, 'npm', 'test');
    const [count] = /Tests:? +.*\d+ passed.*/.exec(tests) ?? [];
    if (!count) throw new Error(`No tests ran with Nest ${major}:\n${tests}`);
    for (const adapter of ['express', 'fastify']) await useApp(app, adapter);
    console.log(
      `Nest ${major}, after ${Math.round((Date.now() - started) / 1000)} s: ${count.trim()}; failover, leaving and shutdown on Express and Fastify`,
    );
  }
}

/** Makes the application as docs/nest.md says, and adds what only a test needs. */
async function createApp(major) {
  const cache = cacheOf(major);
  const app = join(cache, 'shop');
  rmSync(app, { recursive: true, force: true });
  const nest = join(cache, 'node_modules/@nestjs/cli/bin/nest.js');
  await run(cache, execPath, nest, 'new', 'shop', '--skip-git', '--skip-install', '--package-manager', 'npm');
  const toImports = (text) => (major === '12' ? text.replace(/(from '\.\/[^']+?)(\.js)?';/g, "$1.js';") : text);
  for (const { kind, path, lines } of guide) {
    const file = join(app, path);
    if (kind === 'file') writeFileSync(file, lines.join('\n'));
    else change(file, (text) => toImports(applyChanges(text, lines)));
  }
  for (const name of ['prices.ts', 'prices.spec.ts']) {
    writeFileSync(join(app, 'src', name), toImports(readFileSync(join(here, 'shop', name), 'utf8')));
  }
  // Its own upstream, port and adapter.
  change(join(app, 'src/app.module.ts'), (text) =>
    toImports(`import { PricesModule } from './prices';\n${text}`)
      .replace(/baseUrl: \[.*\]/, `baseUrl: process.env.UPSTREAM!.split(' ')`)
      .replace('  imports: [', '  imports: [PricesModule,'),
  );
  change(join(app, 'src/main.ts'), (text) =>
    `import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
${text}`
      .replace(
        'NestFactory.create(AppModule)',
        `NestFactory.create(AppModule, (process.env.ADAPTER === 'fastify' ? new FastifyAdapter() : new ExpressAdapter()) as never)`,
      )
      .replace(/app\.listen\(.*\);/, `app.listen(0, '127.0.0.1');\n  console.log(await app.getUrl());`),
  );
  if (major === '12') return app;
  change(join(app, 'package.json'), (text) => {
    const manifest = JSON.parse(text);
    delete manifest.jest.transform;
    manifest.jest.preset = 'rxjs-retry-client/nest';
    return JSON.stringify(manifest, undefined, 2);
  });
  if (major === '10') {
    change(join(app, 'tsconfig.json'), (text) => text.replace('"module": "commonjs"', '"module": "nodenext"'));
  }
  return app;
}

function change(file, how) {
  const text = readFileSync(file, 'utf8');
  const changed = how(text);
  if (changed === text) throw new Error(`${file} is not as expected:\n${text}`);
  writeFileSync(file, changed);
}

async function useApp(app, adapter) {
  const down = await listen((_, response) => response.writeHead(503).end());
  const waiting = [];
  let left = 0;
  const flaky = await listen((request, response) => {
    if (waiting.length < CALLERS) {
      response.on('close', () => {
        if (!response.writableFinished) left += 1;
      });
      waiting.push(response);
    } else response.setHeader('content-type', 'application/json').end('5');
  });
  const child = spawn(execPath, ['dist/main.js'], {
    cwd: app,
    env: { ...env, ADAPTER: adapter, UPSTREAM: `${down.url} ${flaky.url}`, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  try {
    const url = await new Promise((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        output += text;
        const [own] = /^http:\/\/\S+/m.exec(output) ?? [];
        if (own) resolve(own);
      });
      void ended.then(() => reject(new Error(`The application ended:\n${output}`)));
    });
    // A caller who leaves.
    const leaving = get(`${url}/prices/count`).on('error', () => undefined);
    await until(() => waiting.length === 1);
    leaving.destroy();
    await until(() => left === 1);
    waiting.length = 0;
    // Callers who wait while the application is told to stop. Each one has failed over already.
    const answers = Array.from({ length: CALLERS }, (_, index) =>
      fetch(`${url}/prices${PATHS[index % PATHS.length]}`, { headers: { connection: 'close' } }).then((answer) =>
        answer.text(),
      ),
    );
    await until(() => waiting.length === CALLERS);
    child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 200));
    for (const [index, response] of waiting.entries()) {
      // Some fail even then, and are tried again.
      if (index % 3 === 0) response.writeHead(503).end();
      else response.setHeader('content-type', 'application/json').end('5');
    }
    const bodies = await Promise.all(answers);
    if (bodies.some((body) => body !== '5')) throw new Error(`${adapter}: callers got ${bodies.join(' ')}\n${output}`);
    const end = await ended;
    if (end !== 'SIGTERM' && end !== 0) throw new Error(`${adapter}: the application ended with ${end}\n${output}`);
    if (!output.includes('next in')) throw new Error(`${adapter}: no retry is in the log\n${output}`);
  } finally {
    child.kill('SIGKILL');
    down.close();
    flaky.close();
  }
}

async function until(isSo) {
  const deadline = Date.now() + 20_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${isSo}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function listen(handler) {
  const server = createServer(handler);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const close = () => {
        server.closeAllConnections();
        server.close();
      };
      resolve({ url: `http://127.0.0.1:${server.address().port}/`, close });
    });
  });
}

/** Runs a command and returns what it prints. Ends all if it fails. */
async function run(cwd, command, ...args) {
  const child = spawn(command, args, {
    cwd,
    env: { ...env, NO_COLOR: '1', CI: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code === 0) return output;
  console.error(`${cwd}$ ${command} ${args.join(' ')}\n${output}`);
  exit(1);
}
