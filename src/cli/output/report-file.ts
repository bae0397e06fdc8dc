import { constants } from 'node:fs';
import { access, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { WriteError } from '../failures/write-error.js';

/** A file for a report, which an option names. */
export class ReportFile {
  readonly #option: string;
  readonly #path: string;

  /** @param option - its name, for errors: `--html` */
  constructor(option: string, path: string) {
    this.#option = option;
    this.#path = path;
  }

  /**
   * Checks that it can be written, before work that may take long. It changes nothing, since the work may be
   * interrupted.
   *
   * @throws WriteError if it cannot
   */
  check(): Promise<void> {
    return this.#toWriteErrors(async () => {
      // Without a name it is the current folder.
      const existing = await stat(resolve(this.#path)).catch(() => undefined);
      if (existing?.isDirectory()) throw new Error('it is a folder');
      await access(existing ? this.#path : dirname(this.#path), constants.W_OK);
    });
  }

  /** @throws WriteError if the file cannot be written */
  write(text: string): Promise<void> {
    return this.#toWriteErrors(() => writeFile(this.#path, text));
  }

  async #toWriteErrors(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new WriteError(`${this.#option}: the file could not be written: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}
