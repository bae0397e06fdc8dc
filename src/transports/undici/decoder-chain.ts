import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, type Zlib } from 'node:zlib';

import type { FlowControl, ByteSink } from './flow-control.js';

type Decoder = Transform & Zlib;

/** The decoders by coding; each is told the first byte, if that tells them more. */
const DECODERS: Readonly<Record<string, (firstByte: number) => Decoder>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  br: () => createBrotliDecompress(),
  // Some servers leave out the header that zlib's format begins with.
  deflate: (firstByte) => ((firstByte & 0x0f) === 0x08 ? createInflate() : createInflateRaw()),
};

/** More than these nobody applies, save to keep others busy. */
const MAX_CODINGS = 5;

/**
 * The content codings of a response that have to be undone, the last one first; none where one of them is not known: then the body is handed
 * over as it came, as fetch does it.
 *
 * @throws TypeError where there are too many
 */
function decodableCodings(header: string): string[] {
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
  #output: ByteSink | undefined;
  #decoder: Decoder | undefined;
  /** Why it breaks off, once all is decoded that came before. */
  #failure: { readonly error: unknown } | undefined;

  constructor(coding: string, source: FlowControl) {
    this.#coding = coding;
    this.#source = source;
  }

  /** Says where it goes: to be called first. */
  setOutput(sink: ByteSink): void {
    this.#output = sink;
  }

  push(chunk: Buffer): void {
    this.#decoder ??= this.#createDecoder(chunk[0] ?? 0);
    if (!this.#decoder.write(chunk)) this.#source.pause();
  }

  end(): void {
    // Without a byte there is nothing to undo.
    if (this.#decoder) this.#decoder.end();
    else this.#output?.end();
  }

  fail(error: unknown): void {
    const decoder = this.#decoder;
    if (!decoder || decoder.destroyed) {
      this.#output?.fail(error);
      return;
    }
    // Destroyed at once it would drop what it has not decoded yet.
    this.#failure = { error };
    decoder.flush(() => {
      decoder.push(null);
    });
  }

  pause(): void {
    this.#decoder?.pause();
  }

  resume(): void {
    this.#decoder?.resume();
  }

  abort(reason: Error): void {
    this.#decoder?.destroy();
    this.#source.abort(reason);
  }

  #createDecoder(firstByte: number): Decoder {
    const decoder = (DECODERS[this.#coding] as (firstByte: number) => Decoder)(firstByte);
    return decoder
      .on('data', (chunk: Buffer) => this.#output?.push(chunk))
      .on('drain', () => {
        this.#source.resume();
      })
      .on('end', () => {
        if (this.#failure) this.#output?.fail(this.#failure.error);
        else this.#output?.end();
      })
      .on('error', (cause) => {
        this.#output?.fail(new TypeError('the body cannot be decompressed', { cause }));
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
): { readonly flow: FlowControl; readonly setOutput: (sink: ByteSink) => ByteSink } {
  let flow = source;
  const stages = decodableCodings(header).map((coding) => {
    const stage = new DecoderStage(coding, flow);
    flow = stage;
    return stage;
  });
  const setOutput = (sink: ByteSink): ByteSink =>
    stages.reduceRight<ByteSink>((output, stage) => {
      stage.setOutput(output);
      return stage;
    }, sink);
  return { flow, setOutput };
}
