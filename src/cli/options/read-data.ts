import { openAsBlob } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { safeText } from '../../util/safe-text.js';
import { UsageError } from '../failures/usage-error.js';

/**
 * Reads the body that `--data` describes: texts, files (`@file`) and standard input (`@-`), joined by `&` as in curl.
 *
 * A file is read again for each attempt, while it is sent, and fails if it changed in between. Standard input and pipes
 * can be read only once. They are read completely before the first attempt, so that the next one can send them again.
 *
 * @throws UsageError with curl's exit code 26 if a file cannot be read
 */
export async function readData(data: readonly string[], stdin: Readable): Promise<string | Blob> {
  const parts: (string | Blob)[] = [];
  for (const part of data) parts.push(await readPart(part, stdin));
  if (parts.every((part) => typeof part === 'string')) return parts.join('&');
  return new Blob(parts.flatMap((part, i) => (i === 0 ? [part] : ['&', part])));
}

async function readPart(part: string, stdin: Readable): Promise<string | Blob> {
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
