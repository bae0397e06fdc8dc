import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';

import { formatNote, parseNote, type ResumeNote, type Writer } from './resume-record.js';
import { WriteError } from './write-body.js';

const MAX_BYTES = 64 * 1024;

/**
 * The file that a note is in. It is written through a handle to what was created or recognised here, so never over or through anything
 * else of its name.
 *
 * A process that dies amid a write leaves a text that is no note, or whose digest does not fit the file: then nothing is continued.
 */
export class NoteFile {
  readonly #path: string;
  readonly #writer: Writer = { pid: process.pid, host: hostname() };
  #handle: FileHandle | undefined;
  /** What is in it. */
  #note: ResumeNote | undefined;
  #length = 0;
  #obstacle: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Why there can be no note, where there cannot. */
  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  /**
   * Takes over the note that an earlier command has left; `undefined` where there is none.
   *
   * @throws WriteError where another command writes the file at this moment
   */
  async take(): Promise<ResumeNote | undefined> {
    if (this.#handle || this.#obstacle !== undefined) return undefined;
    const handle = await this.#openRegular();
    if (!handle) return undefined;
    const text = (await handle.stat()).size > MAX_BYTES ? '' : await handle.readFile('utf8');
    const note = parseNote(text);
    if (!note || isAlive(note.writer)) await handle.close();
    if (!note) this.#obstacle = `${this.#path} is there, and is not a note of this command`;
    else if (isAlive(note.writer)) throw this.#busy(note.writer);
    else {
      this.#handle = handle;
      this.#length = Buffer.byteLength(text);
      await this.write(note);
    }
    return note;
  }

  /**
   * Makes the file, unless there is one of its name.
   *
   * @throws WriteError where another command was faster
   */
  async create(): Promise<void> {
    if (this.#handle || this.#obstacle !== undefined) return;
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR } = constants;
    try {
      // For its owner alone: what is downloaded, and from which version, concerns nobody else.
      this.#handle = await open(this.#path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') await this.take();
      else this.#obstacle = `${this.#path} cannot be written: ${codeOf(error)}`;
    }
  }

  /** Writes the note, in one piece. */
  async write(note: ResumeNote): Promise<void> {
    this.#note = note;
    await this.#put({ ...note, writer: this.#writer });
  }

  /** Leaves the note, as it was written last, for a later command; one of no bytes would be of no use. */
  async release(): Promise<void> {
    if (!this.#note || this.#note.loaded === 0) return this.remove();
    await this.#put({ ...this.#note, writer: undefined });
    await this.#close();
  }

  /** Removes it, if it is still the one that was opened. */
  async remove(): Promise<void> {
    const own = await this.#handle?.stat();
    const there = await lstat(this.#path).catch(() => undefined);
    if (there && own?.ino === there.ino && own.dev === there.dev) await rm(this.#path);
    await this.#close();
  }

  async #close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #put(note: ResumeNote): Promise<void> {
    const text = formatNote(note);
    // Blanks where the text before was longer: to cut it off would be a second step, and the process may die between the two.
    const bytes = Buffer.from(text + ' '.repeat(Math.max(0, this.#length - Buffer.byteLength(text))));
    await this.#handle?.write(bytes, 0, bytes.byteLength, 0);
    this.#length = bytes.byteLength;
  }

  /** Opens what is there, if it is a file of one's own: a pipe would wait, and a link lead elsewhere. */
  async #openRegular(): Promise<FileHandle | undefined> {
    const { O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;
    try {
      const there = await lstat(this.#path);
      const isOwn = process.getuid === undefined || there.uid === process.getuid();
      if (there.isFile() && isOwn) return await open(this.#path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
      this.#obstacle = `${this.#path} is there, and is not a note of this command`;
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') this.#obstacle = `${this.#path} cannot be opened: ${codeOf(error)}`;
    }
    return undefined;
  }

  #busy(writer: Writer | undefined): WriteError {
    const process = writer === undefined ? '' : `, process ${writer.pid}`;
    return new WriteError(
      `the output is being written by another command${process}; if it is not, remove ${this.#path}`,
    );
  }
}

/** Whether the process that a note names is still there. */
function isAlive(writer: Writer | undefined): boolean {
  // Its own id: the other process is gone, and this one has got its number.
  if (writer?.host !== hostname() || writer.pid === process.pid) return false;
  try {
    // Signal 0 only asks.
    process.kill(writer.pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
