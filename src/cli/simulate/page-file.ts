import { constants } from 'node:fs';
import { access, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { WriteError } from '../failures/write-error.js';

/** The file that `--html` names. */
export class PageFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Checks that its folder can be written to, before a simulation that may take long.
   *
   * @throws WriteError if it cannot
   */
  checkFolder(): Promise<void> {
    return toWriteErrors(() => access(dirname(this.#path), constants.W_OK));
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
