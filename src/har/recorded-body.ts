/** A content type whose bytes are text. */
const TEXTUAL = /^(?:text\/|application\/(?:.*\+)?(?:json|xml|javascript|x-www-form-urlencoded|x-ndjson)\b)/i;

/** A body as a HAR file holds it. */
export interface BodyText {
  readonly text: string;
  readonly encoding?: 'base64';
}

/** The beginning of a body, as it was read. A recording owns one for each body. */
export class RecordedBody {
  readonly #maxSize: number;
  readonly #chunks: Uint8Array[] = [];
  #kept = 0;
  /** The bytes that were read, kept or not. */
  size = 0;
  /** Whether it was not read to its end. */
  isCut = false;

  /** @param maxSize - the most bytes that are kept */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  get isTruncated(): boolean {
    return this.isCut || this.size > this.#kept;
  }

  /** Copies the bytes. What is no Uint8Array breaks the body off, and is nothing to record. */
  add(bytes: Uint8Array): void {
    if (!ArrayBuffer.isView(bytes)) return;
    const length = Math.min(bytes.byteLength, this.#maxSize - this.#kept);
    // Buffer has a slice() of its own, which copies nothing.
    const kept = new Uint8Array(bytes.buffer, bytes.byteOffset, length).slice();
    this.size += bytes.byteLength;
    this.#kept += kept.byteLength;
    if (kept.byteLength > 0) this.#chunks.push(kept);
  }

  /** Returns what was kept: as text where its type says so, or where it is valid UTF-8. */
  toText(contentType: string | null): BodyText {
    const bytes = new Uint8Array(this.#kept);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.byteLength;
    }
    const text = decode(bytes, contentType, this.isTruncated);
    return text === undefined ? { text: toBase64(bytes), encoding: 'base64' } : { text };
  }
}

/** @returns undefined for what is no text */
function decode(bytes: Uint8Array, contentType: string | null, isTruncated: boolean): string | undefined {
  const isTextual = contentType !== null && TEXTUAL.test(contentType);
  if (!isTextual && contentType !== null) return undefined;
  const label = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    // A character that is cut off at the end is no error.
    return new TextDecoder(label, { fatal: true }).decode(bytes, { stream: isTruncated });
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
