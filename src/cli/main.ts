#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

import { safeText } from '../util/safe-text.js';
import { runDemo } from './demo/run-demo.js';
import { exitCodeOf } from './failures/exit-code.js';
import { UsageError } from './failures/usage-error.js';
import { readArguments } from './options/read-arguments.js';
import { help } from './options/help-text.js';
import { runRequest } from './run-request.js';

const { stdin, stdout, stderr } = process;

async function main(): Promise<number> {
  const command = readArguments(process.argv.slice(2));
  switch (command.kind) {
    case 'help':
      stdout.write(help());
      return 0;
    case 'version':
      stdout.write(`${version()}\n`);
      return 0;
    case 'demo':
      return runDemo(stdout);
    case 'request':
      return runRequest(command, { stdin, stdout, stderr });
  }
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

/** Where a bug was met. The message, which stands before it, may hold what a server sent. */
function framesOf(error: unknown): string {
  const frames = error instanceof Error ? (error.stack?.match(/^ {4}at .*$/gm) ?? []) : [];
  return frames.map((frame) => `${frame}\n`).join('');
}

// Long enough for a reader that reads, short enough for whoever waits for the end of a timeout or pressed Ctrl-C.
const graceMs = 500;

/** Waits until the stream has taken all that was written to it. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}

// A write that fails is told by its own callback; without a listener the event would end the process with a stack.
for (const stream of [stdout, stderr]) stream.on('error', () => undefined);

try {
  process.exitCode = await main();
} catch (error) {
  const message =
    error instanceof UsageError
      ? `rxjs-retry-client: ${error.message}\n`
      : `rxjs-retry-client: ${safeText(String(error))}\n${framesOf(error)}`;
  stderr.write(message);
  process.exitCode = exitCodeOf(error);
}
const written = Promise.all([flushed(stdout), flushed(stderr)]);
// A reader that is stuck must not keep a command alive that was given up; one that succeeded leaves nothing unwritten.
await (process.exitCode === 0 ? written : Promise.race([written, setTimeout(graceMs)]));
// Nor must sockets that were kept for another request.
process.exit();
