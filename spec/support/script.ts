import type { ServedFile } from './file.js';

/**
 * What the test server is to do with each request, said in the request's own URL: one spec file can so drive the same server from
 * Node and from a browser, without a channel beside the requests.
 */
export type Step = AnswerStep | FileStep | EchoStep | RedirectStep | CutStep | StallStep | RawStep;

interface Timing {
  /** Waits so long before it does anything, in ms. */
  readonly delay?: number;
  /** Acts as soon as the request's headers are here, without waiting for its body. */
  readonly early?: boolean;
}

interface Head extends Timing {
  /** @default 200 */
  readonly status?: number;
  /** Beside, or in place of, those that the server sets itself; `null` leaves one of these out. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>;
}

/** An answer. Its body is one of `body`, `json`, `bytes` and `chunks`, or empty. */
export interface AnswerStep extends Head {
  readonly body?: string;
  readonly json?: unknown;
  /** A body of so many bytes, of whatever content. */
  readonly bytes?: number;
  /** A body without Content-Length, written piece by piece. */
  readonly chunks?: readonly string[];
  /** Waits so long before each chunk after the first, in ms. */
  readonly chunkDelay?: number;
  /** How `body` and `chunks` are written here. @default 'utf8' */
  readonly encoding?: 'utf8' | 'base64';
}

/**
 * Serves a file as an origin server does that knows `Range` and `If-Range`: with a strong entity tag, made of the file's seed, unless the
 * headers say otherwise.
 */
export interface FileStep extends Head {
  readonly file: ServedFile;
  /** Cuts the connection after so many bytes of the answer's body. */
  readonly cutAfter?: number;
  /** Falls silent before this byte of the file, and keeps the connection. */
  readonly stallAt?: number;
  /** Does not tell the length beforehand. */
  readonly chunked?: boolean;
  /** Takes no notice of `Range`, or of `If-Range`. */
  readonly ignores?: 'range' | 'if-range';
}

/** Answers with an {@link Echo} of the request. */
export interface EchoStep extends Head {
  readonly echo: true;
}

/** Answers with a Location. */
export interface RedirectStep extends Head {
  readonly redirect: string;
  /** @default 302 */
  readonly status?: number;
}

/**
 * Cuts the connection: before it answers anything, amid the headers, or after half the body (after all of `chunks`, but before the end
 * of the message). Amid the headers it is a TCP reset, as browsers take headers that merely end early for an answer.
 *
 * A browser may drop what came right before the cut. Where a spec needs these bytes, let the step stall and call `cut()` once they came.
 */
export interface CutStep extends AnswerStep {
  readonly cut: 'before-headers' | 'in-headers' | 'in-body';
}

/**
 * Falls silent, and keeps the connection: before it answers anything, or after half the body (after all of `chunks`); with `upload` it
 * does not even read the request's body (of a body larger than what the system buffers, it cannot see then that the client went away).
 */
export interface StallStep extends AnswerStep {
  readonly stall: 'upload' | 'headers' | 'body';
}

/** Writes this to the connection in place of an HTTP answer, then ends it. */
export interface RawStep extends Timing {
  readonly raw: string;
}

/** What the server knows of a request when it answers an {@link EchoStep}. */
export interface Echo {
  /** 1 for the first request of its key. */
  readonly number: number;
  readonly method: string;
  /** In full, as it was asked for. */
  readonly url: string;
  /** By lower case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text. */
  readonly body: string;
}

/** What the server knows of a request. */
export interface LoggedRequest extends Echo {
  /** How many bytes of the body have arrived. */
  readonly bytes: number;
  /** When it came, in ms since the epoch. */
  readonly at: number;
  /** The connection it came on: the same number, the same socket. */
  readonly socket: number;
  /** Whether it is over: answered, cut by the server, or given up by the client. */
  readonly ended: boolean;
  /** Whether the client went away before the answer's end. */
  readonly aborted: boolean;
}

/** A key and its script, as a request's URL bears them. */
export interface Script {
  readonly key: string;
  readonly steps: readonly Step[];
}

const root = '/__test/';

/** The path that asks for this script. Further path segments and a query may follow it. */
export function scriptPath({ key, steps }: Script): string {
  return `${root}${encodeURIComponent(key)}/${encodeURIComponent(JSON.stringify(steps))}`;
}

/** Reads what {@link scriptPath} wrote; `undefined` for any other path. */
export function readScript(path: string): Script | undefined {
  if (!path.startsWith(root)) return undefined;
  const [key, steps] = path.slice(root.length).split(/[/?]/, 2);
  if (key === undefined || steps === undefined) return undefined;
  return { key: decodeURIComponent(key), steps: JSON.parse(decodeURIComponent(steps)) as readonly Step[] };
}
