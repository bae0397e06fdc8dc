import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { RequestEntry, RequestLog } from './request-log.js';
import { type AnswerStep, type CutStep, type Echo, type FileStep, readScript, type Step } from './script.js';
import { fileBytes } from './served-file.js';

/** Answers a request, or calls `next` for a request that is not its own. */
export type Handler = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/** Creates a handler that performs the script in the URL of each request, and adds every request to the log. */
export function createScriptHandler(log: RequestLog): Handler {
  return (request, response, next) => {
    const script = readScript(request.url ?? '');
    if (script === undefined) {
      if (next) next();
      else response.writeHead(404).end();
      return;
    }
    allowOtherOrigins(request, response);
    if (isPreflight(request)) {
      response.writeHead(204).end();
      return;
    }

    const entry = log.add(script.key, request);
    const step = script.steps[Math.min(entry.number, script.steps.length) - 1] ?? {};
    const exchange = new Exchange(request, response, entry);
    exchange.perform(step).catch((error: unknown) => {
      exchange.fail(error);
    });
  };
}

/**
 * One request and the step that answers it. It ends when the response closes: after the answer, a cut, or when the
 * client disconnects.
 */
class Exchange {
  private readonly closed = new AbortController();

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly entry: RequestEntry,
  ) {
    response.on('close', () => {
      this.closed.abort();
      entry.close(response.writableFinished);
    });
  }

  async perform(step: Step): Promise<void> {
    const stall = 'stall' in step ? step.stall : undefined;
    const cut = 'cut' in step ? step.cut : undefined;

    if (stall === 'upload') return;
    this.request.on('data', (chunk: Buffer) => {
      this.entry.receive(chunk);
    });
    const { signal } = this.closed;
    if (step.early !== true && !this.request.readableEnded) await once(this.request, 'end', { signal });
    if (step.delay !== undefined) await wait(step.delay, undefined, { signal });

    if (stall === 'headers') return;
    if (cut === 'before-headers') {
      this.entry.cut();
    } else if (cut === 'in-headers') {
      this.cutInHeaders(step as CutStep);
    } else if ('raw' in step) {
      this.response.socket?.write(step.raw, () => {
        this.entry.cut();
      });
    } else if ('file' in step) {
      await this.sendFile(step);
    } else if ('echo' in step) {
      this.setHead(step);
      this.setDefault('Content-Type', 'application/json');
      this.response.end(JSON.stringify(this.echo()));
    } else if ('redirect' in step) {
      this.setHead({ status: 302, ...step });
      this.setDefault('Location', step.redirect);
      this.response.end();
    } else if (cut === 'in-body' || stall === 'body') {
      await this.sendIncomplete(step);
      if (cut) this.entry.cut();
    } else {
      await this.send(step);
    }
  }

  /** Answers with the error of a step that cannot be performed. After a disconnect of the client, it does nothing. */
  fail(error: unknown): void {
    if (this.closed.signal.aborted) return;
    if (!this.response.headersSent) this.response.writeHead(500, { 'Content-Type': 'text/plain' });
    this.response.end(`the test server cannot perform the step: ${String(error)}`);
  }

  private setHead({ status = 200, headers = {} }: AnswerStep): void {
    this.response.statusCode = status;
    // By default browsers cache redirects, and delay a GET until an earlier GET of the same URL is answered.
    this.setDefault('Cache-Control', 'no-store');
    for (const [name, value] of Object.entries(headers)) {
      if (value !== null) this.response.setHeader(name, value);
      else if (name.toLowerCase() === 'date') this.response.sendDate = false;
      else this.response.removeHeader(name);
    }
  }

  private setDefault(name: string, value: string): void {
    if (!this.response.hasHeader(name)) this.response.setHeader(name, value);
  }

  private async send(step: AnswerStep): Promise<void> {
    this.setHead(step);
    if (step.chunks === undefined) {
      this.response.end(this.wholeBody(step));
    } else {
      await this.writeChunks(step.chunks, step);
      this.response.end();
    }
  }

  /** Sends half of a body whose Content-Length is that of the whole, or all chunks without the end of the message. */
  private async sendIncomplete(step: AnswerStep): Promise<void> {
    this.setHead(step);
    if (step.chunks === undefined) {
      const body = this.wholeBody({ body: '0123456789', ...step });
      this.setDefault('Content-Length', String(body.length));
      await this.write(body.subarray(0, body.length / 2));
    } else {
      await this.writeChunks(step.chunks, step);
    }
  }

  private wholeBody({ body, json, bytes, encoding = 'utf8' }: AnswerStep): Buffer {
    if (json !== undefined) {
      this.setDefault('Content-Type', 'application/json');
      return Buffer.from(JSON.stringify(json));
    }
    if (bytes !== undefined) return Buffer.alloc(bytes, 'x');
    if (body !== undefined) this.setDefault('Content-Type', 'text/plain; charset=utf-8');
    return Buffer.from(body ?? '', encoding);
  }

  private async writeChunks(chunks: readonly string[], { chunkDelay, encoding = 'utf8' }: AnswerStep): Promise<void> {
    this.response.flushHeaders();
    for (const [index, chunk] of chunks.entries()) {
      if (index > 0 && chunkDelay !== undefined) await wait(chunkDelay, undefined, { signal: this.closed.signal });
      await this.write(Buffer.from(chunk, encoding));
    }
  }

  /** Resolves when the bytes are written to the socket, so that a cut comes after them. */
  private write(chunk: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.response.write(chunk, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  private async sendFile({ file, cutAfter, stallAt, chunked = false, ignores, ...head }: FileStep): Promise<void> {
    const { range = '', 'if-range': validator } = this.request.headers;
    const tag = head.headers?.ETag ?? `"${file.seed}"`;
    const requestedStart = ignores === 'range' ? undefined : /^bytes=(\d+)-$/.exec(range)?.[1];
    const isCurrent =
      validator === undefined ||
      ignores === 'if-range' ||
      validator === tag ||
      validator === head.headers?.['Last-Modified'];
    const start = requestedStart === undefined || !isCurrent ? 0 : Number(requestedStart);
    const isPartial = requestedStart !== undefined && isCurrent;
    const status = start >= file.size && isPartial ? 416 : isPartial ? 206 : 200;
    this.setHead({ status, ...head });
    if (head.headers?.ETag !== null) this.setDefault('ETag', String(tag));
    if (status === 416) this.setDefault('Content-Range', `bytes */${file.size}`);
    else if (status === 206) this.setDefault('Content-Range', `bytes ${start}-${file.size - 1}/${file.size}`);
    const body = status === 416 ? Buffer.alloc(0) : fileBytes(file, start);
    if (!chunked) this.setDefault('Content-Length', String(body.length));
    const length = cutAfter ?? (stallAt === undefined ? undefined : Math.max(0, stallAt - start));
    if (length === undefined) {
      this.response.end(body);
      return;
    }
    // A client that has the whole body may send its next request on this connection before it notices the cut.
    if (length >= body.length) this.response.shouldKeepAlive = false;
    this.response.flushHeaders();
    if (length > 0) await this.write(body.subarray(0, length));
    if (cutAfter !== undefined) this.entry.cut();
  }

  private cutInHeaders({ status = 200 }: CutStep): void {
    this.response.socket?.write(`HTTP/1.1 ${String(status)} Cut\r\nContent-Le`, () => {
      this.entry.cut('reset');
    });
  }

  private echo(): Echo {
    const { number, method, url, headers, body } = this.entry.snapshot();
    return { number, method, url, headers, body };
  }
}

/** Allows pages of any origin every request, and to read the headers that delays are computed from. */
function allowOtherOrigins({ headers }: IncomingMessage, response: ServerResponse): void {
  if (headers.origin === undefined) return;
  response.setHeader('Access-Control-Allow-Origin', headers.origin);
  response.setHeader('Access-Control-Allow-Credentials', 'true');
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After, Date');
  response.setHeader('Vary', 'Origin');
  const { 'access-control-request-method': method, 'access-control-request-headers': names } = headers;
  if (method !== undefined) response.setHeader('Access-Control-Allow-Methods', method);
  if (names !== undefined) response.setHeader('Access-Control-Allow-Headers', names);
}

function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}
