import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';

import fetch, { type RequestInit as NodeInit, type Response as NodeResponse } from 'node-fetch';

import { type Body, bodyResponse, ResponseView } from '../response-view.js';
import { followRedirects, type Leg } from './redirect.js';
import type { Transport } from './transport.js';

/** An agent, for http or for https. */
export type NodeAgent = HttpAgent | HttpsAgent;

/** What {@link nodeFetch} takes; the last three are node-fetch's own. */
export interface NodeFetchOptions {
  /** An agent of one's own, or a function that picks one by URL. @default a keep-alive agent for http, and one for https */
  readonly agent?: NodeAgent | ((url: URL) => NodeAgent | undefined) | undefined;
  /** The largest response body in bytes; 0 for no limit. @default 0 */
  readonly size?: number | undefined;
  /** How much of a body is buffered, in bytes. @default 16_384 */
  readonly highWaterMark?: number | undefined;
  /** Whether compressed responses are asked for and decompressed. @default true */
  readonly compress?: boolean | undefined;
}

/** Picks keep-alive agents of one's own, made when they are first needed. */
function keepAliveAgents(): (url: URL) => NodeAgent {
  let http: HttpAgent | undefined;
  let https: HttpsAgent | undefined;
  return (url) => (url.protocol === 'https:' ? (https ??= new HttpsAgent({ keepAlive: true })) : (http ??= new HttpAgent({ keepAlive: true })));
}

/**
 * node-fetch as a transport, behind agents that keep connections alive. Its bodies are web streams both ways, made when somebody wants
 * them, so users, selectors and draining see what they see of any fetch.
 *
 * @param options - agents, and node-fetch's own options
 *
 * @example
 * ```ts
 * import { Agent } from 'node:https';
 * import { RetryClient } from 'rxjs-retry-client';
 * import { nodeFetch } from 'rxjs-retry-client/node';
 *
 * export const client = new RetryClient({ fetch: nodeFetch({ agent: new Agent({ keepAlive: true, maxSockets: 20 }) }) });
 * ```
 */
export function nodeFetch(options: NodeFetchOptions = {}): Transport {
  const { agent = keepAliveAgents(), size = 0, ...rest } = options;
  const own = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const fetchLeg = async (url: string, init: RequestInit): Promise<NodeLeg> => {
    // node-fetch follows redirects too, but a second one of a POST ends the process: an error of its own that nobody can catch.
    const response = await fetch(url, { ...toNode(init), ...own, agent, redirect: 'manual' });
    return { response, status: response.status, headers: toHeaders(response), discard: () => { discard(response); } };
  };
  return async (url, init) => {
    let legs = 0;
    try {
      const answer = await followRedirects(url, init, (to, request) => {
        legs += 1;
        return fetchLeg(to, request);
      });
      return toResponse(answer.leg, answer.url, answer.redirected, size);
    } catch (error) {
      throw marked(error, legs);
    }
  };
}

/** One answer of node-fetch. */
interface NodeLeg extends Leg {
  readonly response: NodeResponse;
}

/** A body that nobody will read is cut, unless there is none: then its connection can be used again. */
function discard({ body, headers }: NodeResponse): void {
  if (!(body instanceof Readable)) return;
  if (headers.get('content-length') === '0') body.resume();
  else body.destroy();
}

/**
 * Marks an error as other transports' are: with the system call that failed, and whether that is proof that nothing was sent.
 *
 * @param legs - how many URLs were asked: a connection that failed on the first was for what was asked for, not for what that redirected to
 */
function marked(error: unknown, legs: number): unknown {
  if (!(error instanceof Error && 'erroredSysCall' in error)) return error;
  const { erroredSysCall: syscall } = error;
  const unmade = syscall === 'connect' || syscall === 'getaddrinfo';
  return Object.assign(error, { syscall }, unmade && legs === 1 ? { sent: false } : {});
}

/** node-fetch reads Node's streams only. */
function toNode({ body, ...init }: RequestInit): NodeInit {
  // The two declare the same things under types of their own.
  const same = init as NodeInit;
  if (body === undefined || body === null) return same;
  return { ...same, body: body instanceof ReadableStream ? Readable.fromWeb(body as NodeStream) : (body as NonNullable<NodeInit['body']>) };
}

function toHeaders(response: NodeResponse): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(response.headers.raw())) for (const value of values) headers.append(name, value);
  return headers;
}

function toResponse({ response, headers }: NodeLeg, url: string, redirected: boolean, size: number): Response {
  const { status, statusText } = response;
  return new ResponseView({ status, statusText, url, redirected, headers, type: 'basic' }, () =>
    bodyResponse(isBodiless(response) ? null : toWeb(response.body, size), headers),
  );
}

/** node-fetch minds `size` only in readers of its own. The same body would be too large again. */
function tooLarge(size: number): Error {
  return Object.assign(new RangeError(`the body is larger than size, which is ${String(size)} bytes`), { permanent: true });
}

/** node-fetch gives an empty stream where fetch gives none. */
function isBodiless({ status }: NodeResponse): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** Node's stream as a web stream that is read on demand, and destroys its source when it is cancelled. */
function toWeb(source: NodeJS.ReadableStream | null, size: number): Body {
  if (!source) return null;
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer<ArrayBuffer>, undefined>;
  const cut = (): void => {
    if (source instanceof Readable) source.destroy();
  };
  let read = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { value } = await chunks.next();
        read += value?.byteLength ?? 0;
        if (size > 0 && read > size) {
          cut();
          throw tooLarge(size);
        }
        if (value) controller.enqueue(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
        // A stream that was destroyed before anybody read it seems to end.
        else if (source instanceof Readable && !source.readableEnded) throw source.errored ?? new Error('the body was cut off');
        else controller.close();
      },
      cancel: cut,
    },
    { highWaterMark: 0 },
  );
}
