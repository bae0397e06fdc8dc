import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeStream } from 'node:stream/web';

import fetch, { type RequestInit as NodeInit, type Response as NodeResponse } from 'node-fetch';

import { DirectResponse } from '../direct-response.js';
import { NodeBody } from './node-body.js';
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
 * them, so users, selectors and draining see what they see of any fetch; `json()`, `text()` and the like do without.
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
    const bodiless = init.method === 'HEAD' || [204, 205, 304].includes(response.status);
    return { response, bodiless, status: response.status, headers: toHeaders(response), discard: () => { discard(response); } };
  };
  return async (url, init) => {
    let legs = 0;
    try {
      const answer = await followRedirects(url, init, (to, request) => {
        legs += 1;
        return fetchLeg(to, request);
      });
      return toResponse(answer.leg, answer.url.replace(/#.*/s, ''), answer.redirected, size);
    } catch (error) {
      throw marked(error, legs);
    }
  };
}

/** What happens to connections that are being made, and to no others. */
const UNREACHED = /^E(?:CONNREFUSED|HOSTUNREACH|NETUNREACH|ADDRNOTAVAIL)$/;

/** One answer of node-fetch. */
interface NodeLeg extends Leg {
  readonly response: NodeResponse;
  /** Whether it has no body by HTTP's own rules: node-fetch gives an empty one then. */
  readonly bodiless: boolean;
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
  // Where a name has several addresses, and none can be reached, only the code is left.
  const syscall = error.erroredSysCall ?? ('code' in error && UNREACHED.test(String(error.code)) ? 'connect' : undefined);
  const unmade = syscall === 'connect' || syscall === 'getaddrinfo';
  return Object.assign(error, { syscall }, unmade ? { sent: legs > 1 } : {});
}

/** node-fetch reads Node's streams only. */
function toNode({ body, ...init }: RequestInit): NodeInit {
  // The two declare the same things under types of their own.
  const same = init as NodeInit;
  if (body === undefined || body === null) return same;
  if (!(body instanceof ReadableStream)) return { ...same, body: body as NonNullable<NodeInit['body']> };
  // Of some methods Node thinks that they have no body: it would send this one without a frame, and servers take it for another request.
  const headers = new Headers(init.headers);
  if (!headers.has('content-length')) headers.set('transfer-encoding', 'chunked');
  return { ...same, headers, body: Readable.fromWeb(body as NodeStream) };
}

function toHeaders(response: NodeResponse): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(response.headers.raw())) for (const value of values) headers.append(name, value);
  return headers;
}

function toResponse({ response, bodiless, headers }: NodeLeg, url: string, redirected: boolean, size: number): Response {
  const { status, statusText } = response;
  const body = new NodeBody(bodiless ? null : response.body, headers, { size, length: announcedLength(headers) });
  return new DirectResponse({ status, statusText, url, redirected, headers, type: 'basic' }, body);
}

/** How long a body must be; what is decompressed on the way is longer than was announced. */
function announcedLength(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}
