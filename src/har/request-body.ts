import type { FetchBody, PreparedBody } from '../http/body.js';
import { type ChunkSource, isStream, openSource } from '../http/stream-body.js';
import { encodeMultipart } from '../transports/multipart.js';
import { RecordedBody } from './recorded-body.js';

/** The body of a request, as far as it was recorded. */
export interface RecordedRequestBody {
  /** Absent for a body that can be sent only once, and for a Blob or a form of another library. */
  readonly body?: RecordedBody;
  /** Ends the reading of a body that is still being read. */
  readonly stop?: () => void;
}

/** Returns the bytes of a body that has them in memory. */
function bytesOf(body: FetchBody): Uint8Array | undefined {
  if (typeof body === 'string') return new TextEncoder().encode(body);
  if (body instanceof URLSearchParams) return new TextEncoder().encode(body.toString());
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  // Of any realm.
  return Object.prototype.toString.call(body) === '[object ArrayBuffer]'
    ? new Uint8Array(body as ArrayBuffer)
    : undefined;
}

/** Returns the size of a body; -1 if only the platform knows it. */
export function sizeOf(body: FetchBody | null): number {
  if (body === null) return 0;
  return bytesOf(body)?.byteLength ?? (body instanceof Blob ? body.size : -1);
}

/**
 * Records a request's body without touching the one that is sent: a stream is opened anew, where a factory can do that.
 *
 * @param prepared - what the request's body option was made into; absent if an interceptor has replaced the body
 */
export function recordRequestBody(
  body: FetchBody,
  prepared: PreparedBody | undefined,
  maxSize: number,
): RecordedRequestBody {
  const recorded = new RecordedBody(maxSize);
  const bytes = bytesOf(body);
  if (bytes) {
    recorded.add(bytes);
    return { body: recorded };
  }
  const source = open(body, prepared);
  return source ? { body: recorded, stop: read(source, recorded) } : {};
}

/** Opens a body anew, if it can be. A factory of the caller's can throw: then the request fails by itself. */
function open(body: FetchBody, prepared: PreparedBody | undefined): ChunkSource | undefined {
  if (!isStream(body)) {
    // The stream that the platform makes of a form must not be cancelled while it is read: from Node 24 on that is a
    // rejection which nobody can catch, and the process ends.
    const blob = body instanceof FormData ? encodeMultipart(body) : body;
    return blob instanceof Blob ? openSource(blob.stream()) : undefined;
  }
  if (!prepared || prepared.singleUseStream) return undefined;
  try {
    const { content } = prepared.open();
    // A factory that returns the same stream again serves one attempt.
    return content !== body && isStream(content) ? openSource(content) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads until the body has ended, or the recording is full. */
function read(source: ChunkSource, recorded: RecordedBody): () => void {
  let isOver = false;
  const stop = (): void => {
    if (isOver) return;
    isOver = recorded.isCut = true;
    // It is no part of the request if it cannot be closed.
    source.cancel(undefined).catch(() => undefined);
  };
  const readAll = async (): Promise<void> => {
    while (!isOver) {
      const { done, value } = await source.read();
      if (done) isOver = true;
      else if (!recorded.isCut) recorded.add(value as Uint8Array);
      if (recorded.isTruncated) stop();
    }
  };
  readAll().catch(stop);
  return stop;
}
