import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';

import type { RandomAccessFile } from '../../index.js';
import { WriteError } from '../failures/write-error.js';
import { ResumeFile } from './resume-file.js';
import { digestOrigin, type Origin, type OriginDigest, type ResumeRecord } from './resume-record.js';

// After a crash, a resumed download repeats at most the data of this time.
const RECORD_INTERVAL_MS = 500;
const READ_BYTES = 1024 * 1024;

/**
 * The file that `--output` names, with a resume file beside it until it is complete.
 *
 * The first access opens it; `complete` or `close` ends it. Its origin is unknown until `startNew` or `resume`, and
 * again after `truncate(0)`. `runRequest` owns it.
 *
 * The record in the resume file contains the SHA-256 of the bytes that were written. It therefore never matches other
 * bytes, wherever the process ends and whatever happens to the file afterwards.
 */
export class OutputFile implements RandomAccessFile {
  readonly #path: string;
  readonly #resumeFile: ResumeFile;
  readonly #warn: (message: string) => void;
  #handle: FileHandle | undefined;
  #isRegular = true;
  #hasPipedData = false;
  #isClosed = false;
  #isEmptied = false;
  #isOriginKnown = false;
  /** The origin of its bytes, if the server sent a validator. */
  #origin: OriginDigest | undefined;
  /** The number of bytes that were written, and their hash. */
  #loaded = 0;
  #hash: Hash = createHash('sha256');
  #recordedAt = 0;
  #hasWarned = false;
  /** Why `--continue` would start over if the download started now. */
  #restartReason: string | undefined;

  /** @param warn - called if the download starts over, or cannot be resumed later */
  constructor(path: string, warn: (message: string) => void) {
    this.#path = path;
    this.#resumeFile = new ResumeFile(`${path}.resume`);
    this.#warn = warn;
  }

  /** Whether the origin of its bytes is known. */
  get isOriginKnown(): boolean {
    return this.#isOriginKnown;
  }

  /**
   * Returns the record of the part that an earlier command left, if its bytes are unchanged.
   *
   * @throws WriteError if another command is writing the file
   */
  async loadPart(): Promise<ResumeRecord | undefined> {
    return this.#toWriteErrors(async () => {
      const file = await stat(this.#path).catch(() => undefined);
      if (!file?.isFile() || file.size === 0) return undefined;
      const record = await this.#resumeFile.takeOver();
      const hash = record && (await hashStart(await this.#openOnce('r+'), record.loaded));
      if (!record) this.#restartReason = this.#resumeFile.unavailableReason ?? 'there is no resume file beside it';
      else if (record.loaded === 0 || hash?.copy().digest('hex') !== record.sha256) {
        this.#restartReason = 'the part was changed';
      } else {
        this.#restartReason = 'the part is of another URL';
        this.#hash = hash;
        this.#loaded = record.loaded;
        return record;
      }
      return undefined;
    });
  }

  /** Marks the part as of a requested URL. If the download still starts over, the server is the reason. */
  markMatched(): void {
    this.#restartReason = 'the server does not send the rest';
  }

  /** Resumes the part: the data that follows is appended to it. */
  resume(origin: OriginDigest): void {
    this.#restartReason = undefined;
    this.#origin = origin;
    this.#isOriginKnown = true;
  }

  /** Starts over with an empty file, whose bytes are of the given origin. */
  async startNew(origin: Origin | undefined): Promise<void> {
    if (this.#restartReason !== undefined) this.#warn(`--continue: the download starts over: ${this.#restartReason}`);
    this.#restartReason = undefined;
    await this.#toWriteErrors(async () => {
      if (!this.#handle) this.#isRegular = (await stat(this.#path).catch(() => undefined))?.isFile() ?? true;
      // Before the first write: two commands that write the same file would mix their bytes.
      if (this.#isRegular) await this.#resumeFile.takeOver();
      if (this.#isRegular && origin) await this.#resumeFile.create();
    });
    if (!this.#isEmptied) await this.truncate(0);
    this.#isOriginKnown = true;
    this.#origin = origin && this.#isRegular ? digestOrigin(origin) : undefined;
    const { unavailableReason } = this.#resumeFile;
    if (this.#origin && unavailableReason !== undefined && !this.#hasWarned) {
      this.#warn(`the download cannot be resumed later: ${unavailableReason}`);
    }
    this.#hasWarned = this.#origin !== undefined;
    await this.#toWriteErrors(() => (this.#origin ? this.#writeRecord() : this.#resumeFile.remove()));
  }

  async write(
    data: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): Promise<{ readonly bytesWritten: number }> {
    return this.#toWriteErrors(async () => {
      const handle = await this.#openOnce('r+');
      this.#hasPipedData = !this.#isRegular;
      if (!this.#isRegular) return this.#waitForReader('EAGAIN', () => handle.write(data, offset, length, null));
      const { bytesWritten } = await handle.write(data, offset, length, position);
      this.#hash.update(data.subarray(offset, offset + bytesWritten));
      this.#loaded = position + bytesWritten;
      if (performance.now() - this.#recordedAt >= RECORD_INTERVAL_MS) await this.#writeRecord();
      return { bytesWritten };
    });
  }

  async truncate(length: number): Promise<void> {
    await this.#toWriteErrors(async () => {
      const handle = await this.#openOnce(length === 0 ? 'w' : 'r+');
      if (this.#isRegular) await handle.truncate(length);
      else if (this.#hasPipedData && length === 0) {
        throw new Error('a part of another version was written already');
      }
      if (length > 0) return;
      // The data that follows may be of another version, so no record is written until its origin is known.
      this.#isEmptied = true;
      this.#isOriginKnown = false;
      this.#origin = undefined;
      this.#loaded = 0;
      this.#hash = createHash('sha256');
    });
  }

  /** Closes the complete file and removes its resume file. */
  async complete(): Promise<void> {
    this.#isClosed = true;
    await this.#resumeFile.remove();
    await this.#handle?.close();
  }

  /** Closes the file as it is, partial or unchanged, and leaves its resume file. */
  async close(): Promise<void> {
    // The write fails if the disk is full or removed. The earlier record stays, which is valid for fewer bytes.
    await this.#writeRecord().catch(() => undefined);
    this.#isClosed = true;
    await this.#resumeFile.release().catch(() => undefined);
    await this.#handle?.close();
  }

  async #writeRecord(): Promise<void> {
    if (!this.#origin || this.#isClosed) return;
    this.#recordedAt = performance.now();
    await this.#resumeFile.write({ ...this.#origin, loaded: this.#loaded, sha256: this.#hash.copy().digest('hex') });
  }

  async #openOnce(flags: 'w' | 'r+'): Promise<FileHandle> {
    if (this.#handle) return this.#handle;
    const { O_CREAT, O_NONBLOCK, O_RDWR, O_TRUNC, O_WRONLY } = constants;
    const mode = (flags === 'w' ? O_WRONLY | O_CREAT | O_TRUNC : O_RDWR) | O_NONBLOCK;
    this.#handle = await this.#waitForReader('ENXIO', () => open(this.#path, mode));
    // A pipe or a device has no positions to write to.
    this.#isRegular = (await this.#handle.stat()).isFile();
    return this.#handle;
  }

  /**
   * Repeats an operation while a pipe has no reader (ENXIO) or a slow one (EAGAIN).
   *
   * A blocking call would wait in a thread of Node's pool. Until it returned, the process could not exit, neither at a
   * timeout nor at Ctrl-C.
   */
  async #waitForReader<T>(code: 'ENXIO' | 'EAGAIN', work: () => Promise<T>): Promise<T> {
    for (let pause = 1; ; pause = Math.min(2 * pause, 50)) {
      try {
        return await work();
      } catch (error) {
        const isWaiting = error instanceof Error && 'code' in error && error.code === code && !this.#isClosed;
        // Opening a socket fails with ENXIO, too, and would never succeed.
        if (!isWaiting || (code === 'ENXIO' && !(await stat(this.#path)).isFIFO())) throw error;
      }
      await setTimeout(pause);
    }
  }

  /** Runs an operation and wraps its errors into a WriteError. */
  async #toWriteErrors<T>(work: () => Promise<T>): Promise<T> {
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

/** Returns the hash of a file's first `length` bytes, to be updated further, or `undefined` if the file is shorter. */
async function hashStart(file: FileHandle, length: number): Promise<Hash | undefined> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(Math.min(length, READ_BYTES));
  for (let position = 0; position < length;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.byteLength, length - position), position);
    if (bytesRead === 0) return undefined;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash;
}
