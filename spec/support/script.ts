import type { ServedFile } from './served-file.js';

/**
 * The test server's reaction to one request. Steps are encoded in the URL of the request, so that a spec file controls
 * the server in the same way from Node and from a browser.
 */
export type Step = AnswerStep | FileStep | EchoStep | RedirectStep | CutStep | StallStep | RawStep;

interface Timing {
  /** The delay before any reaction, in ms. */
  readonly delay?: number;
  /** Reacts as soon as the request's headers have arrived, without waiting for its body. */
  readonly early?: boolean;
}

interface Head extends Timing {
  /** @default 200 */
  readonly status?: number;
  /** Headers in addition to the server's own, or replacing them. `null` removes one of the server's own. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
}

/** An answer. Its body is one of `body`, `json`, `bytes` and `chunks`, or empty. */
export interface AnswerStep extends Head {
  readonly body?: string;
  readonly json?: unknown;
  /** The length in bytes of a body with arbitrary content. */
  readonly bytes?: number;
  /** A body without Content-Length, written chunk by chunk. */
  readonly chunks?: readonly string[];
  /** The delay before each chunk after the first, in ms. */
  readonly chunkDelay?: number;
  /** The encoding of the bytes in `body` and `chunks`. @default 'utf8' */
  readonly encoding?: 'utf8' | 'base64';
}

/**
 * Serves a file with support for `Range` and `If-Range`. The strong entity tag is the file's seed, unless `headers` has
 * another.
 */
export interface FileStep extends Head {
  readonly file: ServedFile;
  /** Cuts the connection after this number of bytes of the answer's body. */
  readonly cutAfter?: number;
  /** Sends nothing from this byte of the file on, and keeps the connection open. */
  readonly stallAt?: number;
  /** Sends no Content-Length. */
  readonly chunked?: boolean;
  /** Ignores `Range`, or `If-Range`. */
  readonly ignores?: 'range' | 'if-range';
}

/** Answers with an {@link Echo} of the request. */
export interface EchoStep extends Head {
  readonly echo: true;
}

/** Answers with a redirect. */
export interface RedirectStep extends Head {
  readonly redirect: string;
  /** @default 302 */
  readonly status?: number;
}

/**
 * Cuts the connection: before the answer, in the middle of the headers, or after half the body (after all of `chunks`,
 * but before the end of the message). In the headers it is a TCP reset, because browsers accept headers that end early
 * as an answer.
 *
 * A browser may drop bytes that arrive right before the cut. A spec that needs them uses a stall, and calls `cut()`
 * after it has read them.
 */
export interface CutStep extends AnswerStep {
  readonly cut: 'before-headers' | 'in-headers' | 'in-body';
}

/**
 * Stops sending, and keeps the connection open: before the headers, or after half the body (after all of `chunks`).
 * With `upload` it does not read the request's body either. If that body is larger than the system's buffers, the
 * server does not notice a disconnect of the client.
 */
export interface StallStep extends AnswerStep {
  readonly stall: 'upload' | 'headers' | 'body';
}

/** Writes this text to the connection instead of an HTTP answer, then ends the connection. */
export interface RawStep extends Timing {
  readonly raw: string;
}

/** The request as the server describes it in its answer to an {@link EchoStep}. */
export interface Echo {
  /** The number of the request of its key, from 1. */
  readonly number: number;
  readonly method: string;
  /** The absolute URL of the request. */
  readonly url: string;
  /** The headers by their name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text. */
  readonly body: string;
}

/** A request as the log records it. */
export interface LoggedRequest extends Echo {
  /** The number of bytes of the body that have arrived. */
  readonly bytes: number;
  /** The time of arrival, in ms since the epoch. */
  readonly at: number;
  /** The number of its connection; requests with the same number share a socket. */
  readonly socket: number;
  /** Whether it has ended: answered, cut by the server, or aborted by the client. */
  readonly ended: boolean;
  /** Whether the client disconnected before the end of the answer. */
  readonly aborted: boolean;
}

/** A key and its steps, as encoded in the URL of a request. */
export interface Script {
  readonly key: string;
  readonly steps: readonly Step[];
}

const root = '/__test/';

/** Encodes a script as a path. Further path segments and a query may follow it. */
export function scriptPath({ key, steps }: Script): string {
  return `${root}${encodeURIComponent(key)}/${encodeURIComponent(JSON.stringify(steps))}`;
}

/** Decodes a path of {@link scriptPath}. Returns `undefined` for any other path. */
export function readScript(path: string): Script | undefined {
  if (!path.startsWith(root)) return undefined;
  const [key, steps] = path.slice(root.length).split(/[/?]/, 2);
  if (key === undefined || steps === undefined) return undefined;
  return { key: decodeURIComponent(key), steps: JSON.parse(decodeURIComponent(steps)) as readonly Step[] };
}
