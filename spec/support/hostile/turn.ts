import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import type { RequestHead } from './request-parser.js';

/** What a scenario throws, and nobody reports, where the client went away meanwhile. */
export class ClientLeft extends Error {}

/** One connection, from the server's side. */
export class Line {
  /** Aborted when the connection is closed. */
  readonly gone: AbortSignal;

  /**
   * @param socket - what is spoken through
   * @param raw - what lies beneath: the same, unless there is TLS between
   */
  constructor(
    private readonly socket: Socket,
    private readonly raw: Socket = socket,
  ) {
    const over = new AbortController();
    this.gone = over.signal;
    raw.once('close', () => {
      over.abort();
    });
  }

  /** Resolves when the first bytes have come. */
  heard(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.raw.once('data', () => {
        resolve();
      });
      this.raw.once('close', () => {
        reject(new ClientLeft());
      });
    });
  }

  /** Resolves when the operating system has the bytes, so that what comes next comes after them. */
  say(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, (error) => {
        if (error || this.gone.aborted) reject(new ClientLeft());
        else resolve();
      });
    });
  }

  async pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.gone }).catch(() => {
      throw new ClientLeft();
    });
  }

  /** TCP reset: the client's side fails with ECONNRESET. */
  reset(): void {
    this.raw.resetAndDestroy();
  }

  /** TCP FIN: orderly, as far as TCP can see. The client has to close its own side. */
  fin(): void {
    this.raw.end();
  }
}

/** One request that is to be answered, more or less. */
export interface Turn extends RequestHead {
  readonly line: Line;
  /** 1 for the first request of its connection. */
  readonly ordinal: number;
  /** Where nobody listens. */
  readonly refusedUrl: string;
  /** The answer was whole: the connection may rest, open. */
  readonly done: () => void;
}
