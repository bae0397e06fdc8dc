import type { Writable } from 'node:stream';

import { WriteError } from '../failures/write-error.js';
import { Progress } from './progress.js';

/** How `writeBody` writes. */
export interface WriteBodyOptions {
  readonly output: Writable;
  /** Whether to write the status line and the headers before the body. */
  readonly include: boolean;
  /** The longest time without data, in ms. Needed only where the client's own timeout does not apply. */
  readonly inactivityTimeout?: number | false;
  /** The time by which the body must be written, in ms of `performance.now()`. Needed for an error's body. */
  readonly deadline?: number;
}

// Four times a second is enough for a reader. With every chunk, a log of events would fill up.
const PROGRESS_INTERVAL_MS = 250;

/**
 * Writes a response's body as it arrives, no faster than the output accepts it.
 *
 * Yields before the first byte is written, at intervals after it, and at the end. The client does not retry after an
 * emitted value, so it retries only if the body breaks off before its first byte.
 *
 * @throws WriteError if the output cannot be written
 */
export async function* writeBody(
  response: Response,
  { output, include, inactivityTimeout = false, deadline = Infinity }: WriteBodyOptions,
): AsyncGenerator<Progress> {
  const { status } = response;
  const remaining = (): number => deadline - performance.now();
  const writeInTime = (data: string | Uint8Array): Promise<void> => withTimeout(remaining(), write(output, data));
  // Written with the first byte, not earlier: a retry after it would write a second head.
  let head = include ? formatHead(response) : '';
  let bytes = 0;
  let lastReport = { at: -Infinity, bytes: -1 };
  for await (const chunk of readChunks(response, () =>
    Math.min(inactivityTimeout === false ? Infinity : inactivityTimeout, remaining()),
  )) {
    bytes += chunk.byteLength;
    if (performance.now() - lastReport.at >= PROGRESS_INTERVAL_MS) {
      lastReport = { at: performance.now(), bytes };
      yield new Progress(status, bytes);
    }
    if (head !== '') await writeInTime(head);
    head = '';
    await writeInTime(chunk);
  }
  if (lastReport.bytes !== bytes) yield new Progress(status, bytes);
  if (head !== '') await writeInTime(head);
}

async function* readChunks({ body }: Response, readTimeout: () => number): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await withTimeout(readTimeout(), reader.read());
      if (done) return;
      if (value.byteLength > 0) yield value;
    }
  } finally {
    // Frees the socket if the body was not read to its end.
    void reader.cancel().catch(() => undefined);
  }
}

// A longer delay would overflow the 32 bits of setTimeout and fire at once.
const MAX_TIMER_MS = 2 ** 31 - 1;

function withTimeout<T>(ms: number, work: Promise<T>): Promise<T> {
  if (ms > MAX_TIMER_MS) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`took longer than ${Math.max(0, Math.round(ms))} ms`));
    }, ms);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

/** Formats the status line and headers as HTTP/1.1. The real version is not available from fetch. */
function formatHead({ status, statusText, headers }: Response): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${statusText}\r\n${lines.join('')}\r\n`;
}

/**
 * Resolves when the output has accepted the data. Without waiting for it, a fast server would fill the memory.
 *
 * @throws WriteError if the output cannot be written
 */
export function write(output: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(data, (error) => {
      if (error) reject(new WriteError(`the output could not be written: ${error.message}`, { cause: error }));
      else resolve();
    });
  });
}
