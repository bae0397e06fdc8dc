import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpStatusError } from '../errors/http-status-error.js';
import { HttpValidationError } from '../errors/http-validation-error.js';
import { concatChunks } from '../http/direct-response.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { chunks } from './chunks.js';
import type { DownloadDone, DownloadedBytes, DownloadPart, DownloadProgress } from './download-events.js';
import { type DownloadTarget, type Sink, sinkOf } from './download-sink.js';
import { PartialRepresentation } from './partial-representation.js';
import { answeringUrl, toResourceUrl } from './resource-url.js';
import type { PulledReading } from './selector.js';
import { hex, type IncrementalHash, sha256Of } from './sha256.js';
import { Speed } from './throughput-meter.js';

/** What a download is asked for, checked. */
export interface DownloadConfig {
  readonly to: DownloadTarget | undefined;
  readonly from?: DownloadPart | undefined;
  readonly sha256?: string | undefined;
  /** Makes what hashes the bytes that are not kept. */
  readonly hash?: (() => IncrementalHash) | undefined;
}

/**
 * Where a download stands, from one attempt to the next.
 *
 * An attempt may be given up while it still reads or writes: an asynchronous `shouldRetry` judges a value when more have come. So what an
 * earlier attempt reads then is dropped, what it writes is waited for, and a piece counts as loaded from when its writing begins.
 */
export class DownloadSession implements PulledReading<DownloadProgress | DownloadDone | DownloadedBytes> {
  readonly #sha256: string | undefined;
  readonly #makeHash: (() => IncrementalHash) | undefined;
  readonly #sink: Sink | undefined;
  readonly #speed = new Speed();
  readonly #representation: PartialRepresentation;
  #hash: IncrementalHash | undefined;
  #digest: string | undefined;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  /** What the sink does, or has done last. */
  #writing: Promise<void> | undefined;
  /** Whether what was written is void, and whether all is written. */
  #stale = false;
  #complete = false;
  /** The entity of which the consumer was told that it begins. */
  #announced: string | undefined;
  // Of the attempt:
  #attemptIndex = 0;
  #requestedUrl = '';
  #resumes = false;

  constructor({ to, from, sha256, hash }: DownloadConfig) {
    this.#sha256 = sha256;
    this.#makeHash = hash;
    this.#sink = to && sinkOf(to, from?.loaded ?? 0);
    this.#hash = hash?.();
    this.#representation = new PartialRepresentation(from);
  }

  prepare(request: AttemptRequest): AttemptRequest {
    if (request.headers.has('range')) {
      throw new TypeError('headers must be without range: download() sets it by itself');
    }
    this.#attemptIndex += 1;
    this.#requestedUrl = request.url;
    this.#resumes = this.#representation.canResume(request);
    const headers = new Headers(request.headers);
    // What is decompressed on the way cannot be resumed by bytes. (Browsers ask for what they like, until there is a Range.)
    if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'identity');
    if (this.#resumes) {
      headers.set('range', `bytes=${this.#representation.loaded}-`);
      headers.set('if-range', this.#representation.validator as string);
    }
    return { ...request, headers };
  }

  accepts({ status }: Response): boolean {
    return status === 416 && this.#resumes;
  }

  async *select(
    response: Response,
    attempt: HttpAttempt,
  ): AsyncGenerator<DownloadProgress | DownloadDone | DownloadedBytes> {
    const attemptIndex = this.#attemptIndex;
    const representation = this.#representation;
    const { status, headers } = response;
    const url = toResourceUrl(answeringUrl(response, this.#requestedUrl));
    const writing = this.#writing;
    this.#writing = undefined;
    // An earlier attempt's; this one fails where that has failed.
    await writing;
    if (attemptIndex !== this.#attemptIndex) return;
    if (status === 416 && this.#resumes) {
      if (!representation.isWhole(headers, url)) {
        throw this.#startOver(attempt, 'nothing proves that the part that is there is whole');
      }
    } else if (status >= 400) {
      throw new HttpStatusError({ attempt, response });
    } else {
      const end =
        status === 206
          ? this.#resumes
            ? representation.next(headers, url)
            : undefined
          : await this.#begin(headers, url);
      if (end === undefined) throw this.#startOver(attempt, 'the server sent another part than was asked for');
      // Not for each attempt, since a value says that it has come further than the one before: `resetOnSuccess` counts it.
      const begun = `${url} ${representation.validator}`;
      if (this.#announced !== begun) yield this.#progress();
      this.#announced = begun;
      for await (const chunk of chunks()(response, attempt)) {
        if (attemptIndex !== this.#attemptIndex) return;
        if (representation.loaded + chunk.byteLength > end) {
          throw this.#startOver(attempt, 'more bytes came than were announced');
        }
        await this.#append(chunk);
        yield this.#progress();
      }
      if (attemptIndex !== this.#attemptIndex) return;
      const isPart = representation.total === undefined ? status === 206 : representation.loaded < representation.total;
      if (isPart) throw this.#bodyError(attempt, 'the body ended early');
    }
    const done = await this.#finish(attempt, attemptIndex);
    if (done) yield done;
  }

  /** Everything from the start; what was there is void. Returns where it must end. */
  async #begin(headers: Headers, url: string): Promise<number> {
    this.#stale ||= this.#representation.loaded > 0 || this.#complete;
    const end = this.#representation.begin(headers, url, this.#requestedUrl);
    if (this.#stale) {
      this.#hash = this.#makeHash?.();
      this.#pieces = [];
      this.#digest = this.#announced = undefined;
      await this.#write(async () => {
        await this.#sink?.restart();
        this.#stale = this.#complete = false;
      });
    }
    return end;
  }

  async #append(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    const sink = this.#sink;
    this.#hash?.update(chunk);
    this.#representation.loaded += chunk.byteLength;
    this.#speed.add(chunk.byteLength);
    if (sink) await this.#write(() => sink.write(chunk));
    else this.#pieces.push(chunk);
  }

  /** Has the sink do something, which the next attempt waits for. After a failure nobody knows what has been written. */
  async #write(work: () => Promise<void>): Promise<void> {
    const attemptIndex = this.#attemptIndex;
    this.#writing = work().catch((error: unknown) => {
      this.#representation.forget();
      throw error;
    });
    try {
      await this.#writing;
    } finally {
      if (attemptIndex === this.#attemptIndex) this.#writing = undefined;
    }
  }

  async #finish(attempt: HttpAttempt, attemptIndex: number): Promise<DownloadDone | DownloadedBytes | undefined> {
    const representation = this.#representation;
    representation.total = representation.loaded;
    const bytes = this.#sink ? undefined : concatChunks(this.#pieces);
    if (bytes) this.#pieces = [bytes];
    if (this.#sha256 !== undefined) {
      const digest =
        this.#digest ?? (this.#hash ? hex(this.#hash.digest()) : await sha256Of(bytes as Uint8Array<ArrayBuffer>));
      if (attemptIndex !== this.#attemptIndex) return undefined;
      this.#digest = digest;
      if (digest !== this.#sha256) {
        representation.forget();
        const summary = `the SHA-256 of what came is ${digest}, not ${this.#sha256}`;
        throw new HttpValidationError({ attempt, issues: [{ message: summary }], summary });
      }
    }
    if (!this.#complete) {
      await this.#write(async () => {
        await this.#sink?.close();
        this.#complete = true;
      });
    }
    const done = { ...this.#progress(), type: 'done' } as const;
    return bytes ? { ...done, bytes } : done;
  }

  close(): void {
    this.#attemptIndex += 1;
    this.#pieces = [];
    if (!this.#complete) this.#sink?.abort(new DOMException('The download is over', 'AbortError'));
  }

  #progress(): DownloadProgress {
    const { loaded, total, validator, url } = this.#representation;
    return { type: 'progress', loaded, total, bytesPerSecond: this.#speed.perSecond, validator, url: url as string };
  }

  #bodyError(attempt: HttpAttempt, summary: string): HttpNetworkError {
    return new HttpNetworkError({ attempt, summary, phase: 'body' });
  }

  /** What is there cannot be trusted to fit what will come: the next attempt asks for all of it. */
  #startOver(attempt: HttpAttempt, summary: string): HttpNetworkError {
    this.#representation.forget();
    return this.#bodyError(attempt, summary);
  }
}
