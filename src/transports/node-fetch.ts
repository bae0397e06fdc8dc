import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';

import fetch, { FetchError, type RequestInit as NodeInit, type Response as NodeResponse } from 'node-fetch';

import { provesUnsent } from '../errors/network-failure.js';
import { DirectResponse } from '../http/direct-response.js';
import { toPlatformBody } from '../http/foreign-body.js';
import { BOOLEAN, type OptionRule } from '../util/option-rule.js';
import { abortReason } from './abort-reason.js';
import { addIfMissing, toHeaderList, takeContentLength } from './header-list.js';
import { NodeBody } from './node-body.js';
import { toOutgoingBody } from './outgoing-body.js';
import { OutgoingStream } from './outgoing-stream.js';
import { checkRedirect, followRedirects, type Hop } from './redirect.js';
import { activityListenerOf } from './transport-call.js';
import { checkTransportOptions } from './transport-options.js';
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

const BYTE_COUNT: OptionRule = [
  0,
  'a whole number of at least 0',
  (bytes: number) => Number.isSafeInteger(bytes) && bytes >= 0,
];
const RULES: { readonly [Name in keyof NodeFetchOptions]-?: OptionRule } = {
  agent: [
    undefined,
    'an http.Agent or https.Agent, or a function that picks one',
    (agent: unknown) => typeof agent === 'function' || typeof (agent as NodeAgent | null)?.destroy === 'function',
  ],
  size: BYTE_COUNT,
  highWaterMark: BYTE_COUNT,
  compress: BOOLEAN,
};

/** Picks keep-alive agents of one's own, made when they are first needed. */
function keepAliveAgents(): (url: URL) => NodeAgent {
  let http: HttpAgent | undefined;
  let https: HttpsAgent | undefined;
  return (url) =>
    url.protocol === 'https:'
      ? (https ??= new HttpsAgent({ keepAlive: true }))
      : (http ??= new HttpAgent({ keepAlive: true }));
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
  checkTransportOptions('nodeFetch', options, RULES);
  const { agent = keepAliveAgents(), size = 0, ...rest } = options;
  const nodeOptions = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const fetchHop = async (url: string, init: RequestInit): Promise<NodeHop> => {
    const { request, upload } = await toNodeRequest(init);
    try {
      // It would end the process: node-fetch then destroys a body that nobody listens to.
      if (init.signal?.aborted) throw abortReason(init.signal);
      // node-fetch follows redirects too, but a second one of a POST ends the process: an error of its own that nobody can catch.
      const response = await fetch(url, { ...request, ...nodeOptions, agent, redirect: 'manual' });
      const bodiless = init.method === 'HEAD' || [204, 205, 304].includes(response.status);
      return {
        response,
        bodiless,
        upload,
        status: response.status,
        headers: toHeaders(response),
        discard: () => {
          discard(response);
        },
      };
    } catch (error) {
      upload?.cancel();
      // What the body's own source failed with: node-fetch tells it as one of the network's.
      throw upload?.failure ? new SourceError(upload.failure.error) : error;
    }
  };
  return async (url, init) => {
    let hopCount = 0;
    try {
      checkRedirect(init);
      const last = await followRedirects(url, init, (hopUrl, request) => {
        hopCount += 1;
        return fetchHop(hopUrl, request);
      });
      return toResponse(last.hop, last.url.replace(/#.*/s, ''), last.redirected, size);
    } catch (error) {
      throw error instanceof SourceError ? error.error : toTransportError(error, hopCount);
    }
  };
}

/** Keeps apart what failed on the caller's side. */
class SourceError {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** One answer of node-fetch. */
interface NodeHop extends Hop {
  readonly response: NodeResponse;
  /** Whether it has no body by HTTP's own rules: node-fetch gives an empty one then. */
  readonly bodiless: boolean;
  /** The request's body, where it is read as it is sent. */
  readonly upload: OutgoingStream | undefined;
}

/** A body that nobody will read is cut, unless there is none: then its connection can be used again. */
function discard({ body, headers }: NodeResponse): void {
  if (!(body instanceof Readable)) return;
  if (headers.get('content-length') === '0') body.resume();
  else body.destroy();
}

/**
 * An error as other transports give it: a TypeError with the code and the system call that failed, and whether that is proof that nothing was
 * sent.
 *
 * @param hopCount - how many URLs were asked: a connection that failed on the first was for what was asked for, not for what that redirected to
 */
function toTransportError(cause: unknown, hopCount: number): unknown {
  // An abort, a misuse, and what followRedirects() says are told as they are.
  if (!(cause instanceof FetchError)) return cause;
  const { code, erroredSysCall, message } = cause as FetchError & { readonly erroredSysCall?: string };
  const error = new TypeError('the request failed', { cause });
  const isUnsent = provesUnsent({ code, syscall: erroredSysCall, message });
  // Where a name has several addresses, and none can be reached, only the code is left.
  const syscall = erroredSysCall ?? (isUnsent ? 'connect' : undefined);
  return Object.assign(error, {
    ...(code && { code }),
    ...(syscall && { syscall }),
    ...(isUnsent && { sent: hopCount > 1 }),
  });
}

interface NodeRequest {
  readonly request: NodeInit;
  /** The body, where it is read as it is sent. */
  readonly upload: OutgoingStream | undefined;
}

/** node-fetch reads Node's streams only, frames a message as it is told to, and counts no bytes. */
async function toNodeRequest(init: RequestInit): Promise<NodeRequest> {
  const { body, headers, ...rest } = init;
  const headerList = toHeaderList(headers);
  const declaredLength = takeContentLength(headerList);
  const platformBody = (await toPlatformBody(body)) ?? body;
  const outgoing =
    platformBody === undefined || platformBody === null
      ? undefined
      : toOutgoingBody(platformBody, declaredLength, activityListenerOf(init));
  const upload = outgoing?.content instanceof OutgoingStream ? outgoing.content : undefined;
  if (outgoing?.type !== undefined) addIfMissing(headerList, 'content-type', outgoing.type);
  if (outgoing?.length !== undefined) headerList.push('content-length', String(outgoing.length));
  // Of some methods Node thinks that they have no body: it would send this one without a frame, and servers take it for another request.
  else if (upload) headerList.push('transfer-encoding', 'chunked');
  const pairs: [string, string][] = [];
  for (let index = 0; index < headerList.length; index += 2) {
    const [name, value] = headerList.slice(index, index + 2) as [string, string];
    // Node refuses to announce trailers where it cannot send any.
    if (upload || name.toLowerCase() !== 'trailer') pairs.push([name, value]);
  }
  const content = upload
    ? Readable.from(upload, { objectMode: false })
    : (outgoing?.content as string | Uint8Array | undefined);
  // The two declare the same things under types of their own.
  return {
    request: { ...(rest as NodeInit), headers: pairs, body: (content ?? null) as NonNullable<NodeInit['body']> },
    upload,
  };
}

function toHeaders(response: NodeResponse): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(response.headers.raw())) {
    for (const value of values) headers.append(name, value);
  }
  return headers;
}

function toResponse(
  { response, bodiless, headers, upload }: NodeHop,
  url: string,
  redirected: boolean,
  size: number,
): Response {
  const { status, statusText } = response;
  const onFinish = (): void => upload?.cancel();
  if (bodiless) onFinish();
  const body = new NodeBody(bodiless ? null : response.body, headers, {
    maxBytes: size,
    announcedLength: announcedLength(headers),
    onFinish,
  });
  return new DirectResponse({ status, statusText, url, redirected, headers, type: 'basic' }, body);
}

/** How long a body must be; what is decompressed on the way is longer than was announced. */
function announcedLength(headers: Headers): number | undefined {
  const length = headers.get('content-length');
  return length === null || headers.has('content-encoding') ? undefined : Number(length);
}
