import { openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { safeText } from '../../util/safe-text.js';
import { causesOf } from '../failures/walk-error-chain.js';
import { UsageError } from '../failures/usage-error.js';

/**
 * The body that `--data` asks for: texts, the bytes of `@file`, or those of standard input (`@-`), joined by `&` as curl does it.
 *
 * A file is read while it is sent, anew for each attempt; it fails where it was changed since. What can be read only once, standard input or
 * a pipe, is read whole before anything is sent, so that it can be sent again.
 *
 * @throws UsageError with curl's code for a file that cannot be read
 */
export async function requestData(data: readonly string[], stdin: Readable): Promise<string | Blob> {
  const parts: (string | Blob)[] = [];
  for (const part of data) parts.push(await read(part, stdin));
  if (parts.every((part) => typeof part === 'string')) return parts.join('&');
  return new Blob(parts.flatMap((part, i) => (i === 0 ? [part] : ['&', part])));
}

/** Whether a file could not be read again when it was sent: it was changed, or is gone. */
export function fileChanged(error: unknown): boolean {
  return [...causesOf(error)].some((cause) => 'name' in cause && cause.name === 'NotReadableError');
}

async function read(part: string, stdin: Readable): Promise<string | Blob> {
  if (!part.startsWith('@')) return part;
  try {
    if (part === '@-') return new Blob([new Uint8Array(await buffer(stdin))]);
    const path = part.slice(1);
    return (await stat(path)).isFile() ? await openAsBlob(path) : new Blob([new Uint8Array(await readFile(path))]);
  } catch (error) {
    throw new UsageError(
      `--data ${safeText(part)}: ${safeText(error instanceof Error ? error.message : String(error))}`,
      26,
    );
  }
}
