import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import type { RequestHead } from './request-parser.js';

/**
 * The error of a scenario whose client has disconnected. It is not reported, since clients may disconnect at any time.
 */
export class ClientDisconnected extends Error {}

/**
 * The server's side of one connection, as a scenario uses it. It is closed when either side closes, and every pending
 * call then rejects with {@link ClientDisconnected}.
 */
export class ServerSocket {
  /** A signal that is aborted when the connection closes. */
  readonly closed: AbortSignal;

  /**
   * @param socket - the socket to write to
   * @param raw - the TCP socket: the same, unless `socket` is a TLS socket
   */
  constructor(
    private readonly socket: Socket,
    private readonly raw: Socket = socket,
  ) {
    const controller = new AbortController();
    this.closed = controller.signal;
    raw.once('close', () => {
      controller.abort();
    });
  }

  /** Resolves when the first bytes have arrived. */
  firstBytes(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.raw.once('data', () => {
        resolve();
      });
      this.raw.once('close', () => {
        reject(new ClientDisconnected());
      });
    });
  }

  /** Resolves when the bytes are written to the socket, so that a later reset or FIN comes after them. */
  write(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, (error) => {
        if (error || this.closed.aborted) reject(new ClientDisconnected());
        else resolve();
      });
    });
  }

  /** Waits, in ms. */
  async pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.closed }).catch(() => {
      throw new ClientDisconnected();
    });
  }

  /** Sends a TCP reset: the client fails with ECONNRESET. */
  reset(): void {
    this.raw.resetAndDestroy();
  }

  /** Sends a TCP FIN, an orderly end for TCP. The client has to close its own side. */
  fin(): void {
    this.raw.end();
  }
}

/** One request, with everything that a scenario needs to answer it. */
export interface HostileExchange extends RequestHead {
  /** The connection on which the request came. */
  readonly socket: ServerSocket;
  /** The number of the request on its connection, from 1. */
  readonly ordinal: number;
  /** A URL whose port refuses connections. */
  readonly refusedUrl: string;
  /** Marks the answer as complete, so that an open connection counts as idle. */
  readonly done: () => void;
}
