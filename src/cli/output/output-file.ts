import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import type { RandomAccessFile } from '../../index.js';
import { NoteFile } from './resume-file.js';
import { digestOrigin, type Origin, type OriginDigest, type ResumeNote } from './resume-record.js';
import { WriteError } from './write-body.js';

// So much of a download is fetched again after a crash, at most.
const noteEveryMs = 500;
const readBytes = 1024 * 1024;

/**
 * The file that `--output` names, and beside it, as long as it is in part, a note of where that part is from.
 *
 * The note tells the SHA-256 of what was written. So wherever the process may end, and whatever is done to the file afterwards, the note is
 * never taken for that of other bytes.
 */
export class OutputFile implements RandomAccessFile {
  readonly #path: string;
  readonly #note: NoteFile;
  readonly #warn: (message: string) => void;
  #handle: FileHandle | undefined;
  #regular = true;
  #piped = false;
  #closed = false;
  #emptied = false;
  #begun = false;
  /** What its bytes are of, where that can be proved later. */
  #origin: OriginDigest | undefined;
  #loaded = 0;
  #hash: Hash = createHash('sha256');
  #notedAt = 0;
  #warned = false;
  /** Why a part that was to be continued is not. */
  #refusal: string | undefined;

  /** @param warn - told of what goes on without a note, or is begun anew */
  constructor(path: string, warn: (message: string) => void) {
    this.#path = path;
    this.#note = new NoteFile(`${path}.resume`);
    this.#warn = warn;
  }

  /** Whether it is known what its bytes are of. */
  get begun(): boolean {
    return this.#begun;
  }

  /**
   * The part that an earlier command has left, if its bytes are what they were.
   *
   * @throws WriteError where another command writes it
   */
  async part(): Promise<ResumeNote | undefined> {
    return this.#told(async () => {
      const file = await stat(this.#path).catch(() => undefined);
      if (!file?.isFile() || file.size === 0) return undefined;
      const note = await this.#note.take();
      const hash = note && (await hashOf(await this.#opened('r+'), note.loaded));
      if (!note) this.#refusal = this.#note.obstacle ?? 'no note beside it tells what it is a part of';
      else if (note.loaded === 0 || hash?.copy().digest('hex') !== note.sha256) {
        this.#refusal = 'it is not as it was left';
      } else {
        this.#refusal = 'it is not of this URL';
        this.#hash = hash;
        this.#loaded = note.loaded;
        return note;
      }
      return undefined;
    });
  }

  /** The part is of a URL that is asked for. */
  matched(): void {
    this.#refusal = 'the server does not give the rest of it';
  }

  /** Goes on with the part: what comes is written behind it. */
  resume(origin: OriginDigest): void {
    this.#refusal = undefined;
    this.#origin = origin;
    this.#begun = true;
  }

  /** Says what its bytes are of, from the first one on. What was there before is gone. */
  async begin(origin: Origin | undefined): Promise<void> {
    if (this.#refusal !== undefined) this.#warn(`--continue: the output is begun anew: ${this.#refusal}`);
    this.#refusal = undefined;
    await this.#told(async () => {
      if (!this.#handle) this.#regular = (await stat(this.#path).catch(() => undefined))?.isFile() ?? true;
      // Before anything is written: two commands that write one file at once would mix their bytes.
      if (this.#regular) await this.#note.take();
      if (this.#regular && origin) await this.#note.create();
    });
    if (!this.#emptied) await this.truncate(0);
    this.#begun = true;
    this.#origin = origin && this.#regular ? digestOrigin(origin) : undefined;
    const { obstacle } = this.#note;
    if (this.#origin && obstacle !== undefined && !this.#warned) {
      this.#warn(`the output cannot be continued later: ${obstacle}`);
    }
    this.#warned = this.#origin !== undefined;
    await this.#told(() => (this.#origin ? this.#takeNote() : this.#note.remove()));
  }

  async write(
    data: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }> {
    return this.#told(async () => {
      const handle = await this.#opened('r+');
      this.#piped = !this.#regular;
      if (!this.#regular) return this.#whenTaken('EAGAIN', () => handle.write(data, offset, length, null));
      const { bytesWritten } = await handle.write(data, offset, length, position);
      this.#hash.update(data.subarray(offset, offset + bytesWritten));
      this.#loaded = position + bytesWritten;
      if (performance.now() - this.#notedAt >= noteEveryMs) await this.#takeNote();
      return { bytesWritten };
    });
  }

  async truncate(length: number): Promise<void> {
    await this.#told(async () => {
      const handle = await this.#opened(length === 0 ? 'w' : 'r+');
      if (this.#regular) await handle.truncate(length);
      else if (this.#piped && length === 0) {
        throw new Error('it has taken a part, and the server has another version now');
      }
      if (length > 0) return;
      // What comes now may be of another version: nothing is noted until that is known.
      this.#emptied = true;
      this.#begun = false;
      this.#origin = undefined;
      this.#loaded = 0;
      this.#hash = createHash('sha256');
    });
  }

  /** All of it is there. */
  async finish(): Promise<void> {
    this.#closed = true;
    await this.#note.remove();
    await this.#handle?.close();
  }

  /** Leaves it as it is, in part or untouched. */
  async close(): Promise<void> {
    // The disk may be full, or gone: then an older note stays, which is right of as many bytes.
    await this.#takeNote().catch(() => undefined);
    this.#closed = true;
    await this.#note.release().catch(() => undefined);
    await this.#handle?.close();
  }

  async #takeNote(): Promise<void> {
    if (!this.#origin || this.#closed) return;
    this.#notedAt = performance.now();
    await this.#note.write({ ...this.#origin, loaded: this.#loaded, sha256: this.#hash.copy().digest('hex') });
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
      if (error instanceof WriteError) throw error;
      throw new WriteError(
        `the output could not be written: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
  }
}

/** The hash of a file's first bytes, ready to go on; `undefined` where it has fewer. */
async function hashOf(file: FileHandle, length: number): Promise<Hash | undefined> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(Math.min(length, readBytes));
  for (let position = 0; position < length;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.byteLength, length - position), position);
    if (bytesRead === 0) return undefined;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash;
}
