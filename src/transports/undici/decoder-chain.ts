import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, type Zlib } from 'node:zlib';

import type { FlowControl, ByteSink } from './flow-control.js';

type Decoder = Transform & Zlib;

/** Functions that create the decoder of a content coding. They get the body's first byte, which `deflate` needs. */
const DECODERS: Readonly<Record<string, (firstByte: number) => Decoder>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  br: () => createBrotliDecompress(),
  // Some servers send raw deflate, without zlib's header.
  deflate: (firstByte) => ((firstByte & 0x0f) === 0x08 ? createInflate() : createInflateRaw()),
};

/** How many content codings are decoded at most: a longer list is an attack on the reader's CPU and memory. */
const MAX_CODINGS = 5;

/**
 * Returns the content codings to decode, the last applied first. If one of them is unknown there are none: the body
 * then stays encoded, as in fetch.
 *
 * @throws TypeError for too many codings
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

/**
 * Decodes one content coding. It takes encoded bytes as a `ByteSink`, passes decoded ones to its output, and pauses its
 * source if the decoder's buffer is full.
 *
 * A chain of them is created for a response, and belongs to its `UndiciDispatch`. A stage ends when its input ends or
 * fails, or when it is aborted. Incomplete input fails, even if the HTTP message was complete.
 */
class DecoderStage implements FlowControl, ByteSink {
  readonly #coding: string;
  readonly #source: FlowControl;
  #output: ByteSink | undefined;
  #decoder: Decoder | undefined;
  /** The error that the output gets after the bytes that arrived before it are decoded. */
  #failure: { readonly error: unknown } | undefined;

  constructor(coding: string, source: FlowControl) {
    this.#coding = coding;
    this.#source = source;
  }

  /** Sets the sink of the decoded bytes. It must be called before the first `push`. */
  setOutput(sink: ByteSink): void {
    this.#output = sink;
  }

  push(chunk: Buffer): void {
    this.#decoder ??= this.#createDecoder(chunk[0] ?? 0);
    if (!this.#decoder.write(chunk)) this.#source.pause();
  }

  end(): void {
    // An empty body is valid in every coding.
    if (this.#decoder) this.#decoder.end();
    else this.#output?.end();
  }

  fail(error: unknown): void {
    const decoder = this.#decoder;
    if (!decoder || decoder.destroyed) {
      this.#output?.fail(error);
      return;
    }
    // Not destroyed here: that would drop bytes that are not decoded yet.
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
 * Creates the decoders for the codings in a `content-encoding` header.
 *
 * @param source - the flow of the encoded bytes
 * @returns the flow of the decoded bytes, and a function that sets their sink and returns the sink of the encoded bytes
 * @throws TypeError for too many codings
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
