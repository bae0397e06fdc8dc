import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { UsageError } from './usage-error.js';

/**
 * The body that `--data` asks for: its text, the bytes of `@file`, or those of standard input (`@-`).
 *
 * All of it is read before anything is sent: a stream could be sent only once, and so never be tried again.
 *
 * @throws UsageError with curl's code for a file that cannot be read
 */
export async function requestData(data: string, stdin: Readable): Promise<string | Uint8Array<ArrayBuffer>> {
  if (!data.startsWith('@')) return data;
  try {
    return new Uint8Array(data === '@-' ? await buffer(stdin) : await readFile(data.slice(1)));
  } catch (error) {
    throw new UsageError(`--data ${data}: ${error instanceof Error ? error.message : String(error)}`, 26);
  }
}
