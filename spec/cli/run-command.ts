import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import { readArguments } from '../../src/cli/options/read-arguments.js';
import { runRequest } from '../../src/cli/run-request.js';

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** The result of a command. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

type CommandProcess = ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };

/** Starts the command from its sources, as a process. */
export function startProcess(...argv: readonly string[]): CommandProcess {
  return start([], argv);
}

/** Starts the command as a process that takes its standard error for a terminal. */
export function startOnTerminal(...argv: readonly string[]): CommandProcess {
  return start(['--import', 'data:text/javascript,process.stderr.isTTY=true'], argv);
}

function start(nodeOptions: readonly string[], argv: readonly string[]): CommandProcess {
  // Newer versions of Node would print on standard error that the loader uses a deprecated API.
  const loader = ['--no-deprecation', '--enable-source-maps', '--import', './spec/support/register.js'];
  return spawn(process.execPath, [...loader, ...nodeOptions, 'src/cli/main.ts', ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the command as a process. */
export async function runAsProcess(...argv: readonly string[]): Promise<CommandResult> {
  const child = startProcess(...argv);
  const [stdout, stderr, [code]] = await Promise.all([
    buffer(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** Runs the command of a request in this process, which is a second faster. Its outputs are pipes, or one terminal. */
export async function runInProcess(argv: readonly string[], stdin = '', isTTY = false): Promise<CommandResult> {
  const command = readArguments(argv);
  if (command.kind !== 'request') throw new Error('Only requests can be run here.');
  const [stdout, stderr] = [Object.assign(new PassThrough(), { isTTY }), Object.assign(new PassThrough(), { isTTY })];
  const outputs = Promise.all([buffer(stdout), text(stderr)]);
  const code = await runRequest(command, { stdin: Readable.from([Buffer.from(stdin)]), stdout, stderr });
  stdout.end();
  stderr.end();
  const [out, err] = await outputs;
  return { code, stdout: out, stderr: err };
}
