import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { startServer } from './server.js';

const child = fileURLToPath(new URL('child.js', import.meta.url));
/** Some blocks simulate for seconds of CPU time, on machines that have other work. */
const LIMIT_MS = 60_000;
/** What the child ends with if it ended a block that waits for more. */
const QUIET_CODE = 99;

/** Runs compiled blocks, each in a process and a folder of its own. Returns what went wrong, and how many were ended while they waited. */
export async function runBlocks(root, folder, pathOf, blocks) {
  const queue = [...blocks];
  const failures = [];
  let quiet = 0;
  const worker = async () => {
    for (let block = queue.shift(); block; block = queue.shift()) {
      const { failure, isQuiet } = await runBlock(root, folder, pathOf.get(block), block);
      if (isQuiet) quiet += 1;
      const problem = judge(block, failure);
      if (problem !== undefined) failures.push(`${block.file}:${block.line} ${problem}`);
    }
  };
  // More processes than processors: some blocks wait between attempts.
  await Promise.all(Array.from({ length: availableParallelism() + 2 }, worker));
  return { failures: failures.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })), quiet };
}

function judge({ mark, text }, failure) {
  if (mark !== 'fails') return failure && `fails when it is run:\n${failure.replace(/^/gm, '    ')}`;
  if (failure?.includes(text)) return undefined;
  return `should fail with "${text}", but ${failure === undefined ? 'does not fail' : `fails with:\n${failure.replace(/^/gm, '    ')}`}`;
}

async function runBlock(root, folder, path, block) {
  const cwd = join(folder, 'cwd', `${block.file.replaceAll(/[\\/]/g, '-')}-${block.line}`);
  mkdirSync(cwd, { recursive: true });
  // The file that the pages upload.
  writeFileSync(join(cwd, 'backup.tar'), Buffer.alloc(200_000));
  const server = await startServer();
  try {
    const { code, signal, errors } = await execute(cwd, path.replace(/\.ts$/, '.js'), server.port);
    const output = errors
      .trim()
      .replaceAll(pathToFileURL(path).href, block.file)
      .replaceAll(path, block.file)
      .replaceAll(pathToFileURL(root).href, '')
      .replaceAll(root, '');
    const problems = [
      output,
      ...[...server.unknownPaths].map((name) => `spec/support/docs/server.js has no answer for ${name}`),
      ...(signal === null ? [] : [`does not come to rest within ${LIMIT_MS} ms (${signal})`]),
      ...(signal !== null || code === 0 || code === QUIET_CODE ? [] : [`exit code ${code}`]),
    ].filter((problem) => problem !== '');
    return { failure: problems.length > 0 ? problems.join('\n') : undefined, isQuiet: code === QUIET_CODE };
  } finally {
    server.close();
  }
}

function execute(cwd, file, port) {
  const run = spawn(execPath, [child, file, port, QUIET_CODE], {
    cwd,
    env: { ...env, NODE_NO_WARNINGS: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let errors = '';
  run.stderr.setEncoding('utf8').on('data', (chunk) => (errors += chunk));
  return new Promise((resolve, reject) => {
    run.on('error', reject).on('close', (code, signal) => resolve({ code, signal, errors }));
  });
}
