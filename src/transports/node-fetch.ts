import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';

import fetch, { FetchError, type RequestInit as NodeInit, type Response as NodeResponse } from 'node-fetch';

import { provesUnsent } from '../errors/proves-unsent.js';
import { announcedLength } from '../http/announced-length.js';
import { DirectResponse } from '../http/direct-response.js';
import { toPlatformBody } from '../http/foreign-body.js';
import { isBodiless } from '../http/status.js';
import { BOOLEAN, type OptionRule } from '../util/option-rule.js';
import { abortReason } from './abort-reason.js';
import { addIfMissing, toHeaderList, takeContentLength } from './header-list.js';
import { NodeBody } from './node-body.js';
import { toOutgoingBody } from './outgoing-body.js';
import { OutgoingStream } from './outgoing-stream.js';
import { toHeaders } from './raw-headers.js';
import { checkRedirect, followRedirects, type Hop } from './redirect.js';
import { activityListenerOf } from './transport-call.js';
import { checkTransportOptions } from './transport-options.js';
import type { Transport } from './transport.js';

/** An agent of Node, for http or https. */
export type NodeAgent = HttpAgent | HttpsAgent;

/** Options of {@link nodeFetch}. `highWaterMark` and `compress` are passed to node-fetch. */
export interface NodeFetchOptions {
  /** The agent, or a function that returns one for a URL. @default a keep-alive agent for http, and one for https */
  readonly agent?: NodeAgent | ((url: URL) => NodeAgent | undefined) | undefined;
  /** The largest permitted response body, in bytes; 0 for no limit. @default 0 */
  readonly size?: number | undefined;
  /** How much of a body node-fetch buffers, in bytes. @default 16_384 */
  readonly highWaterMark?: number | undefined;
  /** Whether to request compressed responses and decompress them. @default true */
  readonly compress?: boolean | undefined;
}

const BYTE_COUNT: OptionRule = [
  0,
  'a whole number of bytes, at least 0',
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

/** Creates a function that returns a keep-alive agent for a URL. Each agent is created when it is first needed. */
function keepAliveAgents(): (url: URL) => NodeAgent {
  let http: HttpAgent | undefined;
  let https: HttpsAgent | undefined;
  return (url) =>
    url.protocol === 'https:'
      ? (https ??= new HttpsAgent({ keepAlive: true }))
      : (http ??= new HttpAgent({ keepAlive: true }));
}

/**
 * Creates a transport that sends with node-fetch, by default over agents that keep connections alive.
 *
 * As with every transport, bodies are web streams in both directions. A response creates its stream on demand;
 * `json()`, `text()`, `bytes()` and `arrayBuffer()` read the body without one.
 *
 * @param options - the agent, the largest response, and options of node-fetch
 * @throws TypeError or RangeError for an unknown or invalid option
 *
 * @example
 * ```ts
 * import { Agent } from 'node:https';
 * import { RetryClient } from 'rxjs-retry-client';
 * import { nodeFetch } from 'rxjs-retry-client/node';
 *
 * const agent = new Agent({ keepAlive: true, maxSockets: 20 });
 * export const client = new RetryClient({ fetch: nodeFetch({ agent }) });
 * ```
 */
export function nodeFetch(options: NodeFetchOptions = {}): Transport {
  checkTransportOptions('nodeFetch', options, RULES);
  const { agent = keepAliveAgents(), size = 0, ...rest } = options;
  const nodeOptions = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  // A function may return no agent: only the types of the lowest versions do not know that.
  const nodeAgent = agent as NodeAgent | ((url: URL) => NodeAgent);
  const fetchHop = async (url: string, init: RequestInit): Promise<NodeHop> => {
    const { request, upload } = await toNodeRequest(init);
    try {
      // With a signal that was aborted before, node-fetch destroys a body that has no error listener yet, which ends
      // the process.
      if (init.signal?.aborted) throw abortReason(init.signal);
      // Not by node-fetch: on the second redirect of a POST it throws an error that cannot be caught, which ends the
      // process.
      const response = await fetch(url, { ...request, ...nodeOptions, agent: nodeAgent, redirect: 'manual' });
      const bodiless = init.method === 'HEAD' || isBodiless(response.status);
      return {
        response,
        bodiless,
        upload,
        status: response.status,
        headers: toHeaders(response.headers.raw()),
        discard: () => {
          discard(response);
        },
      };
    } catch (error) {
      upload?.cancel();
      // node-fetch reports a failure of the body's own source as a network failure.
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

/** Carries an error of the request body's source past the conversion to a transport error. */
class SourceError {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** One response of node-fetch. */
interface NodeHop extends Hop {
  readonly response: NodeResponse;
  /** Whether HTTP permits no body. node-fetch gives an empty body then, and fetch `null`. */
  readonly bodiless: boolean;
  /** The request's body, if it is a stream. */
  readonly upload: OutgoingStream | undefined;
}

/**
 * Cuts a body that will not be read. An empty body is read to its end instead, so that its connection can be reused.
 */
function discard({ body, headers }: NodeResponse): void {
  if (!(body instanceof Readable)) return;
  if (headers.get('content-length') === '0') body.resume();
  else body.destroy();
}

/**
 * Converts an error to the form of the other transports: a TypeError with the code and the failed system call. It has
 * `sent` if the failure proves that the last URL received nothing.
 *
 * @param hopCount - how many URLs were requested. After a redirect, earlier URLs have received the request
 */
function toTransportError(cause: unknown, hopCount: number): unknown {
  // An abort, an invalid argument and an error of followRedirects() stay as they are.
  if (!(cause instanceof FetchError)) return cause;
  const { code, erroredSysCall, message } = cause as FetchError & { readonly erroredSysCall?: string };
  const error = new TypeError('the request failed', { cause });
  const isUnsent = provesUnsent({ code, syscall: erroredSysCall, message });
  // If none of a name's several addresses can be reached, Node's error has only a code.
  const syscall = erroredSysCall ?? (isUnsent ? 'connect' : undefined);
  return Object.assign(error, {
    ...(code && { code }),
    ...(syscall && { syscall }),
    ...(isUnsent && { sent: hopCount > 1 }),
  });
}

interface NodeRequest {
  readonly request: NodeInit;
  /** The body, if it is a stream. */
  readonly upload: OutgoingStream | undefined;
}

/**
 * Converts fetch's options to those of node-fetch, which reads only Node's streams. It sends the framing headers that
 * it gets, and does not check the length of a stream.
 */
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
  // For methods such as DELETE, Node would send the body without framing, and servers would read it as another request.
  else if (upload) headerList.push('transfer-encoding', 'chunked');
  const pairs: [string, string][] = [];
  for (let index = 0; index < headerList.length; index += 2) {
    const [name, value] = headerList.slice(index, index + 2) as [string, string];
    // Node throws for a `trailer` header if the body is not chunked.
    if (upload || name.toLowerCase() !== 'trailer') pairs.push([name, value]);
  }
  const content = upload
    ? Readable.from(upload, { objectMode: false })
    : (outgoing?.content as string | Uint8Array | undefined);
  // node-fetch declares equal types of its own, which are not assignable.
  return {
    request: { ...(rest as NodeInit), headers: pairs, body: (content ?? null) as NonNullable<NodeInit['body']> },
    upload,
  };
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
