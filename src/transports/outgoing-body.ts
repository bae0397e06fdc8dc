import { isStream, type StreamBody } from '../http/stream-body.js';
import { CHUNK_BYTES, splitIntoChunks, type WholeBody } from '../http/whole-body.js';
import { invalidArgument } from './invalid-argument.js';
import { encodeMultipart } from './multipart.js';
import { OutgoingStream } from './outgoing-stream.js';

/** A request's body in the form in which it is sent. */
export interface OutgoingBody {
  readonly content: string | Uint8Array | OutgoingStream;
  /** The `content-length` of a stream in bytes, if it is known. */
  readonly length: number | undefined;
  /** The content type, for requests without that header. */
  readonly type: string | undefined;
}

/**
 * Converts any body that fetch accepts. Large bodies are sent in chunks, so that a slow upload is not mistaken for
 * inactivity.
 *
 * @param declaredLength - the length in bytes that the caller's headers declare, used for a stream
 * @param reportActivity - called for each requested chunk
 * @throws TypeError for a value that is not a body, and for a stream that was read before
 */
export function toOutgoingBody(
  body: unknown,
  declaredLength: number | undefined,
  reportActivity: (() => void) | undefined,
): OutgoingBody {
  if (typeof body === 'string') {
    const type = 'text/plain;charset=UTF-8';
    // UTF-8 has at least as many bytes as the string has characters, so the length needs no encoding.
    return body.length > CHUNK_BYTES
      ? fromWholeBody(Buffer.from(body), type, reportActivity)
      : { content: body, length: undefined, type };
  }
  if (ArrayBuffer.isView(body)) {
    return fromWholeBody(Buffer.from(body.buffer, body.byteOffset, body.byteLength), undefined, reportActivity);
  }
  // By their tags: instanceof does not recognize objects of other realms.
  switch (Object.prototype.toString.call(body)) {
    case '[object ArrayBuffer]':
    case '[object SharedArrayBuffer]':
      return fromWholeBody(Buffer.from(body as ArrayBuffer), undefined, reportActivity);
    case '[object URLSearchParams]':
      return fromWholeBody(
        Buffer.from(String(body)),
        'application/x-www-form-urlencoded;charset=UTF-8',
        reportActivity,
      );
  }
  if (body instanceof Blob) return fromWholeBody(body, body.type || undefined, reportActivity);
  if (body instanceof FormData) {
    const form = encodeMultipart(body);
    return fromWholeBody(form, form.type, reportActivity);
  }
  if (isStream(body)) {
    return {
      content: new OutgoingStream(body, declaredLength, reportActivity),
      length: declaredLength,
      type: undefined,
    };
  }
  throw invalidArgument(`body must be what fetch takes, not ${Object.prototype.toString.call(body)}`);
}

function fromWholeBody(
  body: Blob | Buffer,
  type: string | undefined,
  reportActivity: (() => void) | undefined,
): OutgoingBody {
  const size = body instanceof Blob ? body.size : body.byteLength;
  if (size === 0) return { content: new Uint8Array(), length: undefined, type };
  if (!(body instanceof Blob) && size <= CHUNK_BYTES) return { content: body, length: undefined, type };
  return {
    content: new OutgoingStream(splitIntoChunks(body as WholeBody) as StreamBody, size, reportActivity),
    length: size,
    type,
  };
}
