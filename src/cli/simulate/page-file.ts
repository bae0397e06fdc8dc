import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { WriteError } from '../failures/write-error.js';

/** The file that `--html` names. */
export class PageFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Checks that it can be written, before a simulation that may take long. It changes nothing, since the simulation may
   * be interrupted.
   *
   * @throws WriteError if it cannot
   */
  check(): Promise<void> {
    return toWriteErrors(async () => {
      const existing = await stat(this.#path).catch(() => undefined);
      if (existing?.isDirectory()) throw new Error('it is a folder');
      await access(existing ? this.#path : dirname(this.#path), constants.W_OK);
    });
  }

  /** @throws WriteError if the file cannot be written */
  write(text: string): Promise<void> {
    return toWriteErrors(() => writeFile(this.#path, text));
  }
}

async function toWriteErrors(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new WriteError(`--html: the file could not be written: ${(error as Error).message}`, { cause: error });
  }
}
