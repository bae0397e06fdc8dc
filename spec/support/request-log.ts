import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { LoggedRequest } from './script.js';

/** How far a request must have come for {@link RequestLog.when}. */
export type Stage = 'received' | 'ended';

/** One request, in the making. */
export class RequestEntry {
  private readonly chunks: Buffer[] = [];
  private readonly at = Date.now();
  private state: 'open' | 'ended' | 'aborted' = 'open';
  private cutHere = false;

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

  /** Ends the connection from this side: after what was written, or with a TCP reset. */
  cut(how: 'orderly' | 'reset' = 'orderly'): void {
    this.cutHere = true;
    if (how === 'reset') this.request.socket.resetAndDestroy();
    else this.request.socket.destroySoon();
  }

  /** The exchange is over; by the client's doing, unless the answer was complete or cut here. */
  close(answered: boolean): void {
    this.state = answered || this.cutHere ? 'ended' : 'aborted';
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

/** Every request that the servers of one handler received, by key. */
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

  /** Resolves when the n-th request of the key has come, or is over: so a spec waits for what happens, never for a time. */
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
