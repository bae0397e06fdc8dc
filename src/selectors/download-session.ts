import { HttpNetworkError } from '../errors/http-network-error.js';
import { HttpStatusError } from '../errors/http-status-error.js';
import { HttpValidationError } from '../errors/http-validation-error.js';
import { concatChunks } from '../http/direct-response.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { chunks } from './chunks.js';
import type { DownloadDone, DownloadedBytes, DownloadPart, DownloadProgress } from './download-events.js';
import { type DownloadTarget, type DownloadSink, toDownloadSink } from './download-sink.js';
import { PartialRepresentation } from './partial-representation.js';
import { responseUrl, toResourceUrl } from './resource-url.js';
import type { PulledReading } from './selector.js';
import { toHex, type IncrementalHash, sha256Hex } from './sha256.js';
import { ThroughputMeter } from './throughput-meter.js';

/** The options of a download, checked. */
export interface DownloadConfig {
  readonly to: DownloadTarget | undefined;
  readonly from?: DownloadPart | undefined;
  readonly sha256?: string | undefined;
  /** Creates the hash of the bytes that are not kept; absent if they are hashed in memory at the end, or not at all. */
  readonly hash?: (() => IncrementalHash) | undefined;
}

/**
 * The state of one download, from its first attempt to its last. Each subscription opens its own session, and `close()`
 * ends it.
 *
 * An attempt may be given up while it still reads or writes, since an asynchronous `shouldRetry` judges a value after
 * more have arrived. So a session discards what an earlier attempt reads from then on. The next attempt waits for what
 * the earlier one writes, and a chunk counts as loaded from the start of its write.
 */
export class DownloadSession implements PulledReading<DownloadProgress | DownloadDone | DownloadedBytes> {
  readonly #expectedDigest: string | undefined;
  readonly #makeHash: (() => IncrementalHash) | undefined;
  readonly #sink: DownloadSink | undefined;
  readonly #throughput = new ThroughputMeter();
  readonly #representation: PartialRepresentation;
  #hash: IncrementalHash | undefined;
  #digest: string | undefined;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  /** The sink's operation in progress, or one that an attempt gave up before it ended. */
  #sinkOperation: Promise<void> | undefined;
  /** Whether the written bytes must be discarded before the next write. */
  #isStale = false;
  /** Whether all bytes are written, and the sink is closed. */
  #isFinished = false;
  /** The URL and validator of the version whose first progress was emitted. */
  #announcedVersion: string | undefined;
  /** Changes with each attempt and on close(): code that sees another value stops. */
  #generation = 0;
  /** The URL that the current attempt requested. */
  #requestedUrl = '';
  /** Whether the current attempt requested the rest of a part. */
  #isResuming = false;

  constructor({ to, from, sha256, hash }: DownloadConfig) {
    this.#expectedDigest = sha256;
    this.#makeHash = hash;
    this.#sink = to && toDownloadSink(to, from?.loaded ?? 0);
    this.#hash = hash?.();
    this.#representation = new PartialRepresentation(from);
  }

  prepare(request: AttemptRequest): AttemptRequest {
    if (request.headers.has('range')) {
      throw new TypeError('headers must not have range, which download() sets');
    }
    this.#generation += 1;
    this.#requestedUrl = request.url;
    this.#isResuming = this.#representation.canResume(request);
    const headers = new Headers(request.headers);
    // Decompressed bytes cannot be resumed by their position. (Browsers ignore this header, unless there is a Range
    // header.)
    if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'identity');
    if (this.#isResuming) {
      headers.set('range', `bytes=${this.#representation.loaded}-`);
      headers.set('if-range', this.#representation.validator as string);
    }
    return { ...request, headers };
  }

  handlesErrorStatus({ status }: Response): boolean {
    return status === 416 && this.#isResuming;
  }

  async *select(
    response: Response,
    attempt: HttpAttempt,
  ): AsyncGenerator<DownloadProgress | DownloadDone | DownloadedBytes> {
    const generation = this.#generation;
    const representation = this.#representation;
    const { status, headers } = response;
    const url = toResourceUrl(responseUrl(response, this.#requestedUrl));
    const earlierOperation = this.#sinkOperation;
    this.#sinkOperation = undefined;
    // An earlier attempt may have left it unfinished. If it fails, the content of the sink is unknown, and this attempt
    // fails too.
    await earlierOperation;
    if (generation !== this.#generation) return;
    if (status === 416 && this.#isResuming) {
      if (!representation.isComplete(headers, url)) {
        throw this.#restartError(attempt, 'the server has no more bytes, and nothing proves that the part is complete');
      }
    } else if (status >= 400) {
      throw new HttpStatusError({ attempt, response });
    } else {
      const end =
        status === 206
          ? this.#isResuming
            ? representation.partEnd(headers, url)
            : undefined
          : await this.#beginWhole(headers, url);
      if (end === undefined) throw this.#restartError(attempt, 'the server sent another part than requested');
      // Once a version, not once an attempt: with resetOnSuccess each value resets the count of attempts, though no
      // byte has arrived.
      const version = `${url} ${representation.validator}`;
      if (this.#announcedVersion !== version) yield this.#progress();
      this.#announcedVersion = version;
      for await (const chunk of chunks()(response, attempt)) {
        if (generation !== this.#generation) return;
        if (representation.loaded + chunk.byteLength > end) {
          throw this.#restartError(attempt, 'the body is longer than announced');
        }
        await this.#append(chunk);
        yield this.#progress();
      }
      if (generation !== this.#generation) return;
      const isPart = representation.total === undefined ? status === 206 : representation.loaded < representation.total;
      if (isPart) throw this.#bodyError(attempt, 'the body ended early');
    }
    const done = await this.#finish(attempt, generation);
    if (done) yield done;
  }

  /** Starts over with a response that has the whole. Returns the length at which it must end, in bytes. */
  async #beginWhole(headers: Headers, url: string): Promise<number> {
    this.#isStale ||= this.#representation.loaded > 0 || this.#isFinished;
    const end = this.#representation.restart(headers, url, this.#requestedUrl);
    if (this.#isStale) {
      this.#hash = this.#makeHash?.();
      this.#chunks = [];
      this.#digest = this.#announcedVersion = undefined;
      await this.#runSinkOperation(async () => {
        await this.#sink?.restart();
        this.#isStale = this.#isFinished = false;
      });
    }
    return end;
  }

  async #append(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    const sink = this.#sink;
    this.#hash?.update(chunk);
    this.#representation.loaded += chunk.byteLength;
    this.#throughput.add(chunk.byteLength);
    if (sink) await this.#runSinkOperation(() => sink.write(chunk));
    else this.#chunks.push(chunk);
  }

  /**
   * Runs an operation of the sink; the next attempt waits for its end. After an error it is unknown which bytes were
   * written, so the download starts over.
   */
  async #runSinkOperation(operation: () => Promise<void>): Promise<void> {
    const generation = this.#generation;
    this.#sinkOperation = operation().catch((error: unknown) => {
      this.#representation.invalidate();
      throw error;
    });
    try {
      await this.#sinkOperation;
    } finally {
      if (generation === this.#generation) this.#sinkOperation = undefined;
    }
  }

  async #finish(attempt: HttpAttempt, generation: number): Promise<DownloadDone | DownloadedBytes | undefined> {
    const representation = this.#representation;
    representation.total = representation.loaded;
    const bytes = this.#sink ? undefined : concatChunks(this.#chunks);
    if (bytes) this.#chunks = [bytes];
    if (this.#expectedDigest !== undefined) {
      const digest =
        this.#digest ?? (this.#hash ? toHex(this.#hash.digest()) : await sha256Hex(bytes as Uint8Array<ArrayBuffer>));
      if (generation !== this.#generation) return undefined;
      this.#digest = digest;
      if (digest !== this.#expectedDigest) {
        representation.invalidate();
        const summary = `the SHA-256 of the download is ${digest}, not ${this.#expectedDigest}`;
        throw new HttpValidationError({ attempt, issues: [{ message: summary }], summary });
      }
    }
    if (!this.#isFinished) {
      await this.#runSinkOperation(async () => {
        await this.#sink?.close();
        this.#isFinished = true;
      });
    }
    const done = { ...this.#progress(), type: 'done' } as const;
    return bytes ? { ...done, bytes } : done;
  }

  close(): void {
    this.#generation += 1;
    this.#chunks = [];
    if (!this.#isFinished) this.#sink?.abort(new DOMException('The download is over', 'AbortError'));
  }

  #progress(): DownloadProgress {
    const { loaded, total, validator, url } = this.#representation;
    return {
      type: 'progress',
      loaded,
      total,
      bytesPerSecond: this.#throughput.bytesPerSecond,
      validator,
      url: url as string,
    };
  }

  #bodyError(attempt: HttpAttempt, summary: string): HttpNetworkError {
    return new HttpNetworkError({ attempt, summary, phase: 'body' });
  }

  /** Creates an error, and has the next attempt request the whole: the part may not fit the rest that would come. */
  #restartError(attempt: HttpAttempt, summary: string): HttpNetworkError {
    this.#representation.invalidate();
    return this.#bodyError(attempt, summary);
  }
}
