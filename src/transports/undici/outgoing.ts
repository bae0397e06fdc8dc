import { isStream } from '../../upload.js';
import { multipart } from './multipart.js';
import { OutgoingStream } from './outgoing-stream.js';

/** A body as undici sends it. */
export interface Outgoing {
  readonly content: string | Uint8Array | Blob | OutgoingStream;
  /** Its content type, unless the headers say otherwise. */
  readonly type: string | undefined;
}

/**
 * Takes whatever fetch takes as a body.
 *
 * @throws TypeError for a stream that has been read from
 */
export function outgoing(body: unknown): Outgoing {
  if (typeof body === 'string') return { content: body, type: 'text/plain;charset=UTF-8' };
  if (ArrayBuffer.isView(body)) return { content: Buffer.from(body.buffer, body.byteOffset, body.byteLength), type: undefined };
  // By their tags, so that those of other realms and libraries count.
  switch (Object.prototype.toString.call(body)) {
    case '[object ArrayBuffer]':
    case '[object SharedArrayBuffer]':
      return { content: Buffer.from(body as ArrayBuffer), type: undefined };
    case '[object URLSearchParams]':
      return { content: String(body), type: 'application/x-www-form-urlencoded;charset=UTF-8' };
    case '[object Blob]':
    case '[object File]':
      return { content: body as Blob, type: (body as Blob).type || undefined };
    case '[object FormData]': {
      const content = multipart(body as FormData);
      return { content, type: content.type };
    }
  }
  if (isStream(body)) return { content: new OutgoingStream(body), type: undefined };
  return { content: String(body), type: 'text/plain;charset=UTF-8' };
}
