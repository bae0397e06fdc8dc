import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import type { DownloadPart, RandomAccessFile } from '../index.js';
import { WriteError } from './write-body.js';

/** What is told of a part of a file: which version of what it is a part of. */
type Origin = Pick<DownloadPart, 'validator' | 'url'>;

/**
 * The file that `--output` names, and beside it, as long as it is in part, a note of where that part is from. Without the note nothing
 * tells whether the rest would fit, so nothing is continued.
 *
 * The file is emptied before the note is changed, and the note written before the first byte: so wherever the process may end, the note is
 * never that of other bytes.
 */
export class OutputFile implements RandomAccessFile {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #regular = true;
  #piped = false;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  get #note(): string {
    return `${this.#path}.resume`;
  }

  /** The part that an earlier command has left. */
  async part(): Promise<DownloadPart | undefined> {
    try {
      const { validator, url } = JSON.parse(await readFile(this.#note, 'utf8')) as Record<string, unknown>;
      const file = await stat(this.#path);
      if (typeof validator !== 'string' || typeof url !== 'string' || !file.isFile() || file.size === 0) return undefined;
      return { loaded: file.size, validator, url };
    } catch {
      return undefined;
    }
  }

  /** Begins it anew: what was there is gone. */
  async begin(origin: Origin | undefined): Promise<void> {
    await this.truncate(0);
    await this.#told(async () => {
      if (origin === undefined || !this.#regular) await rm(this.#note, { force: true });
      else await writeFile(this.#note, JSON.stringify(origin));
    });
  }

  async write(data: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }> {
    return this.#told(async () => {
      const handle = await this.#opened('r+');
      this.#piped = !this.#regular;
      if (this.#regular) return handle.write(data, offset, length, position);
      return this.#whenTaken('EAGAIN', () => handle.write(data, offset, length, null));
    });
  }

  async truncate(length: number): Promise<void> {
    await this.#told(async () => {
      const handle = await this.#opened(length === 0 ? 'w' : 'r+');
      if (this.#regular) await handle.truncate(length);
      else if (this.#piped && length === 0) throw new Error('it has taken a part, and the server has another version now');
    });
  }

  /** All of it is there. */
  async finish(): Promise<void> {
    await this.close();
    await rm(this.#note, { force: true });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #opened(flags: 'w' | 'r+'): Promise<FileHandle> {
    if (this.#handle) return this.#handle;
    const { O_CREAT, O_NONBLOCK, O_RDWR, O_TRUNC, O_WRONLY } = constants;
    const mode = (flags === 'w' ? O_WRONLY | O_CREAT | O_TRUNC : O_RDWR) | O_NONBLOCK;
    this.#handle = await this.#whenTaken('ENXIO', () => open(this.#path, mode));
    // A pipe or a device has no places.
    this.#regular = (await this.#handle.stat()).isFile();
    return this.#handle;
  }

  /**
   * Tries again and again as long as a pipe has no reader, or one that is slow. The system would wait by itself, but in a thread without
   * whose end no process can end, at no timeout and no Ctrl-C.
   */
  async #whenTaken<T>(code: 'ENXIO' | 'EAGAIN', work: () => Promise<T>): Promise<T> {
    for (let pause = 1; ; pause = Math.min(2 * pause, 50)) {
      try {
        return await work();
      } catch (error) {
        const waits = error instanceof Error && 'code' in error && error.code === code && !this.#closed;
        // A socket has no such name either, and never will.
        if (!waits || (code === 'ENXIO' && !(await stat(this.#path)).isFIFO())) throw error;
      }
      await setTimeout(pause);
    }
  }

  async #told<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new WriteError(`the output could not be written: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}
