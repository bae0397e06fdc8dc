#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { safeText } from '../util/safe-text.js';
import { runDemo } from './demo/run-demo.js';
import { exitCodeOf } from './failures/exit-code.js';
import { UsageError } from './failures/usage-error.js';
import { helpText } from './options/help-text.js';
import { readArguments } from './options/read-arguments.js';
import { runRequest } from './run-request.js';
import { runSimulation } from './simulate/run-simulation.js';

const { stdin, stdout, stderr } = process;

async function main(): Promise<number> {
  const command = readArguments(process.argv.slice(2));
  switch (command.kind) {
    case 'help':
      stdout.write(helpText());
      return 0;
    case 'version':
      stdout.write(`${version()}\n`);
      return 0;
    case 'demo':
      return runDemo(stdout);
    case 'request':
      return runRequest(command, { stdin, stdout, stderr });
    case 'simulate':
      return runSimulation(command, { stdout, stderr });
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

/** Returns the frames of an error's stack without its message, which could contain text that a server sent. */
function stackFrames(error: unknown): string {
  const frames = error instanceof Error ? (error.stack?.match(/^ {4}at .*$/gm) ?? []) : [];
  return frames.map((frame) => `${frame}\n`).join('');
}

// Long enough for a reader that still reads, short enough for a user after a timeout or Ctrl-C.
const FLUSH_GRACE_MS = 500;

/** Resolves when the stream has passed on all that was written to it. */
function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}

// The callback of a write reports its failure. Without a listener, the event would also crash the process.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  const message =
    error instanceof UsageError
      ? `rxjs-retry-client: ${error.message}\n`
      : `rxjs-retry-client: ${safeText(String(error))}\n${stackFrames(error)}`;
  stderr.write(message);
  process.exitCode = exitCodeOf(error);
}
const flushing = Promise.all([flush(stdout), flush(stderr)]);
// A command that failed must not hang on a reader that is stuck. One that succeeded must write everything.
await (process.exitCode === 0 ? flushing : Promise.race([flushing, setTimeout(FLUSH_GRACE_MS)]));
// Idle keep-alive sockets would keep the process running.
process.exit();
