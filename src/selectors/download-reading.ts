import type { HttpAttempt } from '../attempt.js';
import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpStatusError } from '../errors/http-status-error.js';
import { HttpValidationError } from '../errors/http-validation-error.js';
import type { AttemptRequest } from '../interceptor.js';
import { chunks } from './chunks.js';
import { announcedLength, bearsValidator, contentRange, isEncoded, strongValidator } from './entity.js';
import type { PulledReading } from './selector.js';
import { hex, type IncrementalHash, sha256Of } from './sha256.js';
import { type DownloadTarget, type Sink, sinkOf } from './sink.js';
import { Speed } from './speed.js';

/** How far a download has come. */
export interface DownloadProgress {
  readonly type: 'progress';
  /** How many bytes are there. */
  readonly loaded: number;
  /** How many there will be, where the server says it. */
  readonly total: number | undefined;
  /** How fast they come; the last seconds weigh most. */
  readonly bytesPerSecond: number;
  /** What a later download can go on with, as `from` says; absent where the server gives nothing that proves a part to be of the same. */
  readonly validator: string | undefined;
}

/** A download is done, and written. */
export interface DownloadDone extends Omit<DownloadProgress, 'type'> {
  readonly type: 'done';
}

/** A download is done. */
export interface DownloadedBytes extends DownloadDone {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where an earlier download, of another process even, broke off. */
export interface DownloadPart {
  /** How many bytes of it there are. */
  readonly loaded: number;
  /** What the server gave with them. */
  readonly validator: string;
  /** Where they came from, without user and password. At another URL the download starts over. @default the first URL that is tried */
  readonly url?: string | undefined;
}

/** What a download is asked for, checked. */
export interface DownloadWishes {
  readonly to: DownloadTarget | undefined;
  readonly from?: DownloadPart | undefined;
  readonly sha256?: string | undefined;
  /** Makes what hashes the bytes that are not kept. */
  readonly hash?: (() => IncrementalHash) | undefined;
}

/** Where a download stands, from one attempt to the next. */
export class DownloadReading implements PulledReading<DownloadProgress | DownloadDone | DownloadedBytes> {
  readonly #sha256: string | undefined;
  readonly #makeHash: (() => IncrementalHash) | undefined;
  readonly #sink: Sink | undefined;
  readonly #speed = new Speed();
  #hash: IncrementalHash | undefined;
  #parts: Uint8Array<ArrayBuffer>[] = [];
  #loaded = 0;
  #total: number | undefined;
  /** What proves that the rest, fetched later, belongs to what is there; and where that came from. */
  #validator: string | undefined;
  #url: string | undefined;
  /** Whether the current attempt asked for the rest. */
  #resumes = false;
  /** Whether anybody has heard that it begins. */
  #announced = false;
  #closed = false;

  constructor({ to, from, sha256, hash }: DownloadWishes) {
    this.#sha256 = sha256;
    this.#makeHash = hash;
    this.#sink = to && sinkOf(to, from?.loaded ?? 0);
    this.#hash = hash?.();
    this.#loaded = from?.loaded ?? 0;
    this.#validator = from?.validator;
    this.#url = from?.url;
  }

  prepare(request: AttemptRequest): AttemptRequest {
    if (request.headers.has('range')) throw new TypeError('headers must be without range: download() sets it by itself');
    this.#url ??= request.url;
    this.#resumes = this.#loaded > 0 && this.#validator !== undefined && this.#url === request.url && request.method === 'GET';
    const headers = new Headers(request.headers);
    // What is decompressed on the way cannot be resumed by bytes. (Browsers ask for what they like, until there is a Range.)
    if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'identity');
    if (this.#resumes) {
      headers.set('range', `bytes=${String(this.#loaded)}-`);
      headers.set('if-range', this.#validator as string);
    }
    return { ...request, headers };
  }

  accepts({ status }: Response): boolean {
    return status === 416 && this.#resumes;
  }

  async *select(response: Response, attempt: HttpAttempt): AsyncGenerator<DownloadProgress | DownloadDone | DownloadedBytes> {
    const { status, headers } = response;
    if (status === 416 && this.#resumes) {
      this.#checkEnd(headers, attempt);
    } else if (status >= 400) {
      throw new HttpStatusError({ attempt, response });
    } else {
      const end = status === 206 ? this.#continue(headers, attempt) : await this.#begin(headers, attempt);
      // Once, since a value says that the attempt has come further than the one before: `resetOnSuccess` counts it.
      if (!this.#announced) yield this.#progress();
      this.#announced = true;
      for await (const chunk of chunks()(response, attempt)) {
        if (this.#loaded + chunk.byteLength > end) throw this.#startOver(attempt, 'more bytes came than were announced');
        await this.#take(chunk);
        yield this.#progress();
      }
      const isPart = this.#total === undefined ? status === 206 : this.#loaded < this.#total;
      if (isPart) throw this.#lost(attempt, 'the body ended early');
    }
    yield await this.#finish(attempt);
  }

  /** Everything from the start; what was there is void. Returns where it must end. */
  async #begin(headers: Headers, attempt: HttpAttempt): Promise<number> {
    if (this.#loaded > 0) {
      await this.#sink?.restart();
      this.#hash = this.#makeHash?.();
      this.#parts = [];
      this.#loaded = 0;
    }
    this.#total = announcedLength(headers);
    this.#validator = strongValidator(headers);
    this.#url = attempt.url;
    return this.#total ?? Infinity;
  }

  /** The rest, if it is that. Returns where this part of it must end. */
  #continue(headers: Headers, attempt: HttpAttempt): number {
    const range = contentRange(headers);
    const fits =
      this.#resumes &&
      range?.end !== undefined &&
      range.start === this.#loaded &&
      (this.#total === undefined || range.total === undefined || range.total === this.#total) &&
      !isEncoded(headers) &&
      bearsValidator(headers, this.#validator as string);
    if (!fits) throw this.#startOver(attempt, 'the server sent another part than was asked for');
    this.#total ??= range.total;
    return range.end;
  }

  /** There is no rest: that is well if nothing is missing. */
  #checkEnd(headers: Headers, attempt: HttpAttempt): void {
    const total = contentRange(headers)?.total ?? this.#total;
    const other = headers.has('etag') && !bearsValidator(headers, this.#validator as string);
    if (other || total !== this.#loaded || (this.#total ?? total) !== total) throw this.#startOver(attempt, 'the server has another length than before');
    this.#total = total;
  }

  async #take(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#sink) await this.#sink.write(chunk);
    else this.#parts.push(chunk);
    this.#hash?.update(chunk);
    this.#loaded += chunk.byteLength;
    this.#speed.add(chunk.byteLength);
  }

  async #finish(attempt: HttpAttempt): Promise<DownloadDone | DownloadedBytes> {
    this.#total = this.#loaded;
    const bytes = this.#sink ? undefined : this.#joined();
    if (this.#sha256 !== undefined) {
      const digest = this.#hash ? hex(this.#hash.digest()) : await sha256Of(bytes as Uint8Array<ArrayBuffer>);
      if (digest !== this.#sha256) {
        const summary = `the SHA-256 of what came is ${digest}, not ${this.#sha256}`;
        throw new HttpValidationError({ attempt, issues: [{ message: summary }], summary });
      }
    }
    if (!this.#closed) await this.#sink?.close();
    this.#closed = true;
    const done = { ...this.#progress(), type: 'done' } as const;
    return bytes ? { ...done, bytes } : done;
  }

  #joined(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#loaded);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.byteLength;
    }
    this.#parts = [];
    return bytes;
  }

  close(): void {
    this.#parts = [];
    if (!this.#closed) this.#sink?.abort(new DOMException('The download is over', 'AbortError'));
    this.#closed = true;
  }

  #progress(): DownloadProgress {
    return { type: 'progress', loaded: this.#loaded, total: this.#total, bytesPerSecond: this.#speed.perSecond, validator: this.#validator };
  }

  #lost(attempt: HttpAttempt, summary: string): HttpNetworkError {
    return new HttpNetworkError({ attempt, summary, phase: 'body' });
  }

  /** What is there cannot be trusted to fit what will come: the next attempt asks for all of it. */
  #startOver(attempt: HttpAttempt, summary: string): HttpNetworkError {
    this.#validator = undefined;
    this.#total = undefined;
    return this.#lost(attempt, summary);
  }
}
