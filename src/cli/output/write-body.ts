import type { Writable } from 'node:stream';

import { causesOf } from '../failures/walk-error-chain.js';
import { Progress } from './progress.js';

/** The output could not be written: its reader left, or the disk is full. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
}

/** The WriteError that an error is, or was caused by. */
export function writeErrorIn(error: unknown): WriteError | undefined {
  return [...causesOf(error)].find((one) => one instanceof WriteError);
}

/** Whether the output could not be written since its reader has seen enough, as in `| head`: no failure to be told of. */
export function readerLeft(error: unknown): boolean {
  const cause = writeErrorIn(error)?.cause;
  return cause instanceof Error && 'code' in cause && cause.code === 'EPIPE';
}

/** Where a body goes, and how. */
export interface BodyOptions {
  readonly output: Writable;
  /** Whether the status line and the headers come before the body. */
  readonly include: boolean;
  /** How long a read may take, in ms; needed only where no client watches over it. */
  readonly silence?: number | false;
  /** When it must be over, on the clock of `performance.now()`; also needed only there. */
  readonly deadline?: number;
}

// Progress is news for people: more of it would only fill the log.
const progressMs = 250;

/**
 * Writes a response's body as it arrives, no faster than the output takes it.
 *
 * Emits before the first byte is written, now and then after it, and at the end: so a body that breaks off before its first byte is
 * tried again by the client, and one that breaks off later never is.
 *
 * @throws WriteError
 */
export async function* writeBody(
  response: Response,
  { output, include, silence = false, deadline = Infinity }: BodyOptions,
): AsyncGenerator<Progress> {
  const { status } = response;
  const left = (): number => deadline - performance.now();
  const taken = (data: string | Uint8Array): Promise<void> => within(left(), write(output, data));
  // With the first byte, not before it: a body that is begun anew must not have two heads.
  let head = include ? headOf(response) : '';
  let bytes = 0;
  let told = { at: -Infinity, bytes: -1 };
  for await (const chunk of chunksOf(response, () => Math.min(silence === false ? Infinity : silence, left()))) {
    bytes += chunk.byteLength;
    if (performance.now() - told.at >= progressMs) {
      told = { at: performance.now(), bytes };
      yield new Progress(status, bytes);
    }
    if (head !== '') await taken(head);
    head = '';
    await taken(chunk);
  }
  if (told.bytes !== bytes) yield new Progress(status, bytes);
  if (head !== '') await taken(head);
}

async function* chunksOf({ body }: Response, patience: () => number): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await within(patience(), reader.read());
      if (done) return;
      if (value.byteLength > 0) yield value;
    }
  } finally {
    // Frees the socket where the body was not read to its end.
    void reader.cancel().catch(() => undefined);
  }
}

// What setTimeout can wait for.
const longest = 2 ** 31 - 1;

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  if (ms > longest) return work;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`took longer than ${Math.max(0, Math.round(ms))} ms`));
    }, ms);
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}

/** Status line and headers as HTTP/1.1 writes them; fetch does not tell the real version. */
function headOf({ status, statusText, headers }: Response): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${statusText}\r\n${lines.join('')}\r\n`;
}

/** Resolves when the output has taken it, which is what keeps a fast server from filling the memory. */
function write(output: Writable, data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(data, (error) => {
      if (error) reject(new WriteError(`the output could not be written: ${error.message}`, { cause: error }));
      else resolve();
    });
  });
}
