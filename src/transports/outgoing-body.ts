import { isStream, type StreamBody } from '../http/stream-body.js';
import { CHUNK_BYTES, splitIntoChunks, type WholeBody } from '../http/whole-body.js';
import { invalidArgument } from './invalid-argument.js';
import { encodeMultipart } from './multipart.js';
import { OutgoingStream } from './outgoing-stream.js';

/** A body as it is sent. */
export interface OutgoingBody {
  readonly content: string | Uint8Array | OutgoingStream;
  /** How many bytes a stream has, where that is known: it is its Content-Length. */
  readonly length: number | undefined;
  /** Its content type, unless the headers say otherwise. */
  readonly type: string | undefined;
}

/**
 * Takes whatever fetch takes as a body. What is large is sent in pieces, so that a slow upload shows that it is alive.
 *
 * @param declaredLength - the length that the caller's headers declare, for a stream
 * @param reportActivity - called for each piece that is asked for
 * @throws TypeError for what is no body, and for a stream that has been read from
 */
export function toOutgoingBody(
  body: unknown,
  declaredLength: number | undefined,
  reportActivity: (() => void) | undefined,
): OutgoingBody {
  if (typeof body === 'string') {
    const type = 'text/plain;charset=UTF-8';
    // Its bytes are at least as many as its characters.
    return body.length > CHUNK_BYTES
      ? fromWholeBody(Buffer.from(body), type, reportActivity)
      : { content: body, length: undefined, type };
  }
  if (ArrayBuffer.isView(body)) {
    return fromWholeBody(Buffer.from(body.buffer, body.byteOffset, body.byteLength), undefined, reportActivity);
  }
  // By their tags, so that those of other realms count.
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
