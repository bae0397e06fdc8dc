import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, type Zlib } from 'node:zlib';

import type { FlowControl, ByteSink } from './flow-control.js';

type Decoder = Transform & Zlib;

/** The decoders by coding; each is told the first byte, if that tells them more. */
const DECODERS: Readonly<Record<string, (first: number) => Decoder>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  br: () => createBrotliDecompress(),
  // Some servers leave out the header that zlib's format begins with.
  deflate: (first) => ((first & 0x0f) === 0x08 ? createInflate() : createInflateRaw()),
};

/** More than these nobody applies, save to keep others busy. */
const MAX_CODINGS = 5;

/**
 * The content codings of a response that have to be undone, the last one first; none where one of them is not known: then the body is handed
 * over as it came, as fetch does it.
 *
 * @throws TypeError where there are too many
 */
function codingsOf(header: string): string[] {
  const codings = header
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== 'identity' && coding !== '');
  if (codings.length > MAX_CODINGS) {
    throw new TypeError(`the body has more than ${String(MAX_CODINGS)} content codings`);
  }
  return codings.every((coding) => Object.hasOwn(DECODERS, coding)) ? codings.reverse() : [];
}

/** One content coding, undone on the way from a flow to a sink. What is incomplete fails, even if HTTP saw a whole body. */
class DecoderStage implements FlowControl, ByteSink {
  readonly #coding: string;
  readonly #source: FlowControl;
  #to: ByteSink | undefined;
  #zlib: Decoder | undefined;
  /** Why it breaks off, once all is decoded that came before. */
  #failure: { readonly error: unknown } | undefined;

  constructor(coding: string, source: FlowControl) {
    this.#coding = coding;
    this.#source = source;
  }

  /** Says where it goes: to be called first. */
  setOutput(sink: ByteSink): void {
    this.#to = sink;
  }

  push(chunk: Buffer): void {
    this.#zlib ??= this.#open(chunk[0] ?? 0);
    if (!this.#zlib.write(chunk)) this.#source.pause();
  }

  end(): void {
    // Without a byte there is nothing to undo.
    if (this.#zlib) this.#zlib.end();
    else this.#to?.end();
  }

  fail(error: unknown): void {
    const zlib = this.#zlib;
    if (!zlib || zlib.destroyed) {
      this.#to?.fail(error);
      return;
    }
    // Destroyed at once it would drop what it has not decoded yet.
    this.#failure = { error };
    zlib.flush(() => {
      zlib.push(null);
    });
  }

  pause(): void {
    this.#zlib?.pause();
  }

  resume(): void {
    this.#zlib?.resume();
  }

  abort(reason: Error): void {
    this.#zlib?.destroy();
    this.#source.abort(reason);
  }

  #open(first: number): Decoder {
    const zlib = (DECODERS[this.#coding] as (first: number) => Decoder)(first);
    return zlib
      .on('data', (chunk: Buffer) => this.#to?.push(chunk))
      .on('drain', () => {
        this.#source.resume();
      })
      .on('end', () => {
        if (this.#failure) this.#to?.fail(this.#failure.error);
        else this.#to?.end();
      })
      .on('error', (cause) => {
        this.#to?.fail(new TypeError('the body cannot be decompressed', { cause }));
        this.#source.abort(cause);
      });
  }
}

/**
 * What undoes the codings that a header tells: the flow of what is decoded, and the sink of what comes in, once it is known where that goes.
 *
 * @throws TypeError where there are too many
 */
export function createDecoderChain(
  header: string,
  source: FlowControl,
): { readonly flow: FlowControl; readonly into: (sink: ByteSink) => ByteSink } {
  let flow = source;
  const decodings = codingsOf(header).map((coding) => {
    const decoding = new DecoderStage(coding, flow);
    flow = decoding;
    return decoding;
  });
  const into = (sink: ByteSink): ByteSink =>
    decodings.reduceRight<ByteSink>((to, decoding) => {
      decoding.setOutput(to);
      return decoding;
    }, sink);
  return { flow, into };
}
