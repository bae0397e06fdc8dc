import type { FetchBody, PreparedBody } from '../http/body.js';
import { isStream } from '../http/stream-body.js';
import { RecordedBody } from './recorded-body.js';

/** The body of a request, as far as it was recorded. */
export interface RecordedRequestBody {
  /** In bytes; -1 if unknown. */
  readonly size: number;
  /** Absent for a body that can be sent only once. */
  readonly body?: RecordedBody;
  /** Ends the reading of a body that is still being read. */
  readonly stop?: () => void;
}

/** Returns the size of a body that is no stream; -1 if only the platform knows it. */
export function sizeOf(body: FetchBody | null): number {
  if (body === null) return 0;
  if (typeof body === 'string') return new TextEncoder().encode(body).byteLength;
  if (body instanceof URLSearchParams) return body.toString().length;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  return body instanceof Blob ? body.size : -1;
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
  const size = isStream(body) ? -1 : sizeOf(body);
  const recorded = new RecordedBody(maxSize);
  if (typeof body === 'string') {
    recorded.add(new TextEncoder().encode(body));
  } else if (body instanceof URLSearchParams) {
    recorded.add(new TextEncoder().encode(body.toString()));
  } else if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    recorded.add(
      body instanceof ArrayBuffer
        ? new Uint8Array(body)
        : new Uint8Array(body.buffer, body.byteOffset, body.byteLength),
    );
  } else if (!isStream(body)) {
    return { size, body: recorded, stop: read(new Response(body).body as ReadableStream<Uint8Array>, recorded) };
  } else if (prepared && !prepared.singleUseStream) {
    const opened = open(prepared);
    return opened ? { size, body: recorded, stop: read(opened, recorded) } : { size };
  } else {
    return { size };
  }
  return { size, body: recorded };
}

/** A factory of the caller's can throw: then the request fails by itself. */
function open(prepared: PreparedBody): AsyncIterable<Uint8Array> | ReadableStream<Uint8Array> | undefined {
  try {
    return prepared.open().content as ReadableStream<Uint8Array>;
  } catch {
    return undefined;
  }
}

/** Reads until the body has ended, or the recording is full. */
function read(source: AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>, recorded: RecordedBody): () => void {
  let isStopped = false;
  const reader = 'getReader' in source ? source.getReader() : undefined;
  const iterator = reader ? undefined : (source as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  const stop = (): void => {
    if (isStopped) return;
    isStopped = true;
    const ended = reader ? reader.cancel() : iterator?.return?.();
    // It is no part of the request if it cannot be closed.
    ended?.catch(() => undefined);
  };
  const readAll = async (): Promise<void> => {
    while (!isStopped) {
      const result = await (reader ? reader.read() : iterator?.next());
      if (!result || result.done) return;
      recorded.add(result.value);
      if (recorded.isTruncated) stop();
    }
  };
  readAll().catch(() => undefined);
  return stop;
}
