import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';

import { WriteError } from '../failures/write-error.js';
import { formatResumeRecord, parseResumeRecord, type ResumeRecord, type Writer } from './resume-record.js';

// A larger file is not a resume file, and would take long to read.
const MAX_BYTES = 64 * 1024;

/**
 * The file beside a partial download that contains its record.
 *
 * Its states are: not open; open, after `takeOver` or `create`; unavailable, with a reason. `release` and `remove`
 * close it. An `OutputFile` owns it.
 *
 * It writes only through a handle to a file that it created or recognised. Another file or link of that name is never
 * overwritten or followed. A process that dies during a write leaves an invalid record, or one whose digest does not
 * match. Nothing is resumed then.
 */
export class ResumeFile {
  readonly #path: string;
  readonly #writer: Writer = { pid: process.pid, host: hostname() };
  #handle: FileHandle | undefined;
  /** The record that was read or written last. */
  #record: ResumeRecord | undefined;
  /** The size of the file's content in bytes. */
  #byteLength = 0;
  #unavailableReason: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Why there can be no resume file, if there cannot. */
  get unavailableReason(): string | undefined {
    return this.#unavailableReason;
  }

  /**
   * Takes over the resume file that an earlier command left, and returns its record, or `undefined` if there is none.
   *
   * @throws WriteError if another command is writing the output
   */
  async takeOver(): Promise<ResumeRecord | undefined> {
    if (this.#handle || this.#unavailableReason !== undefined) return undefined;
    const handle = await this.#openRegular();
    if (!handle) return undefined;
    const text = (await handle.stat()).size > MAX_BYTES ? '' : await handle.readFile('utf8');
    const record = parseResumeRecord(text);
    if (!record || isAlive(record.writer)) await handle.close();
    if (!record) this.#unavailableReason = this.#foreignFileReason();
    else if (isAlive(record.writer)) throw this.#busyError(record.writer);
    else {
      this.#handle = handle;
      this.#byteLength = Buffer.byteLength(text);
      await this.write(record);
    }
    return record;
  }

  /**
   * Creates the file, or takes it over if it exists.
   *
   * @throws WriteError if another command is writing the output
   */
  async create(): Promise<void> {
    if (this.#handle || this.#unavailableReason !== undefined) return;
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
    try {
      // Readable by its owner alone, so that other users do not learn what is downloaded.
      this.#handle = await open(this.#path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    } catch (error) {
      if (errorCodeOf(error) === 'EEXIST') await this.takeOver();
      else this.#unavailableReason = `${this.#path} cannot be written: ${errorCodeOf(error)}`;
    }
  }

  /** Writes a record with a single write, which names this process as the writer. */
  async write(record: ResumeRecord): Promise<void> {
    this.#record = record;
    await this.#overwrite({ ...record, writer: this.#writer });
  }

  /** Leaves the last record for a later command, without a writer. A record of 0 bytes is removed as useless. */
  async release(): Promise<void> {
    if (!this.#record || this.#record.loaded === 0) return this.remove();
    await this.#overwrite({ ...this.#record, writer: undefined });
    await this.#close();
  }

  /** Removes the file, if it is still the one that was opened. */
  async remove(): Promise<void> {
    const opened = await this.#handle?.stat();
    const current = await lstat(this.#path).catch(() => undefined);
    if (current && opened?.ino === current.ino && opened.dev === current.dev) await rm(this.#path);
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #overwrite(record: ResumeRecord): Promise<void> {
    const text = formatResumeRecord(record);
    // Spaces overwrite the rest of a longer text. The process could die between a write and a separate truncate.
    const bytes = Buffer.from(text + ' '.repeat(Math.max(0, this.#byteLength - Buffer.byteLength(text))));
    await this.#handle?.write(bytes, 0, bytes.byteLength, 0);
    this.#byteLength = bytes.byteLength;
  }

  /** Opens an existing regular file of this user. Opening a pipe would block, and a link could lead to another file. */
  async #openRegular(): Promise<FileHandle | undefined> {
    const { O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
    try {
      const existing = await lstat(this.#path);
      const isOwn = process.getuid === undefined || existing.uid === process.getuid();
      if (existing.isFile() && isOwn) return await open(this.#path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
      this.#unavailableReason = this.#foreignFileReason();
    } catch (error) {
      const code = errorCodeOf(error);
      if (code !== 'ENOENT') this.#unavailableReason = `${this.#path} cannot be opened: ${code}`;
    }
    return undefined;
  }

  #foreignFileReason(): string {
    return `${this.#path} exists and is not a resume file of this command`;
  }

  #busyError(writer: Writer | undefined): WriteError {
    const process = writer === undefined ? '' : `, process ${writer.pid}`;
    return new WriteError(
      `the output is being written by another command${process}; if it is not, remove ${this.#path}`,
    );
  }
}

/** Checks whether the process that a record names is still running. */
function isAlive(writer: Writer | undefined): boolean {
  // If the record names this process, the other one has ended, and the system gave its id to this one.
  if (writer?.host !== hostname() || writer.pid === process.pid) return false;
  try {
    // Signal 0 sends nothing: it only checks that the process exists. EPERM means that it exists, of another user.
    process.kill(writer.pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
}

function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
