import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { LoggedRequest } from './script.js';

/** The state of a request that {@link RequestLog.when} waits for. */
export type Stage = 'received' | 'ended';

/** One request, which ends once: answered, cut by the server, or aborted by the client. */
export class RequestEntry {
  private readonly chunks: Buffer[] = [];
  private readonly at = Date.now();
  private state: 'open' | 'ended' | 'aborted' = 'open';
  private isCutByServer = false;

  constructor(
    readonly number: number,
    private readonly request: IncomingMessage,
    private readonly socket: number,
    private readonly changed: () => void,
  ) {}

  get ended(): boolean {
    return this.state !== 'open';
  }

  receive(chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  /** Ends the connection from this side: after the written bytes, or by a TCP reset. */
  cut(how: 'orderly' | 'reset' = 'orderly'): void {
    this.isCutByServer = true;
    if (how === 'reset') this.request.socket.resetAndDestroy();
    else this.request.socket.destroySoon();
  }

  /** Ends the entry when the response has closed. It is aborted unless the answer was complete or cut by the server. */
  close(answered: boolean): void {
    this.state = answered || this.isCutByServer ? 'ended' : 'aborted';
    this.changed();
  }

  snapshot(): LoggedRequest {
    const { method = '', url = '', headers } = this.request;
    const body = Buffer.concat(this.chunks);
    return {
      number: this.number,
      method,
      url: `http://${headers.host ?? ''}${url}`,
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      body: body.toString(),
      bytes: body.length,
      at: this.at,
      socket: this.socket,
      ended: this.ended,
      aborted: this.state === 'aborted',
    };
  }
}

/** All requests that the servers of one handler have received, by key. */
export class RequestLog {
  private readonly entries = new Map<string, RequestEntry[]>();
  private readonly sockets = new WeakMap<Socket, number>();
  private readonly waiting = new Set<() => void>();
  private lastSocket = 0;

  add(key: string, request: IncomingMessage): RequestEntry {
    const entries = this.entries.get(key) ?? [];
    const entry = new RequestEntry(entries.length + 1, request, this.numberOf(request.socket), () => {
      this.changed();
    });
    this.entries.set(key, [...entries, entry]);
    this.changed();
    return entry;
  }

  requests(key: string): LoggedRequest[] {
    return (this.entries.get(key) ?? []).map((entry) => entry.snapshot());
  }

  /** Cuts the connection of a request. */
  cut(key: string, number: number): void {
    this.entries.get(key)?.[number - 1]?.cut();
  }

  /**
   * Resolves when the key's n-th request has been received, or has ended, so that a spec waits for an event and not for
   * a time.
   */
  when(key: string, number: number, stage: Stage): Promise<LoggedRequest> {
    return new Promise((resolve) => {
      const check = () => {
        const entry = this.entries.get(key)?.[number - 1];
        if (entry === undefined || (stage === 'ended' && !entry.ended)) return;
        this.waiting.delete(check);
        resolve(entry.snapshot());
      };
      this.waiting.add(check);
      check();
    });
  }

  private changed(): void {
    for (const check of this.waiting) check();
  }

  private numberOf(socket: Socket): number {
    const known = this.sockets.get(socket);
    if (known !== undefined) return known;
    this.sockets.set(socket, ++this.lastSocket);
    return this.lastSocket;
  }
}
