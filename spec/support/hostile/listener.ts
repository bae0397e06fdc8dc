import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import { certificate } from './certificate.js';
import { ClientDisconnected, ServerSocket } from './hostile-exchange.js';
import { type RequestHead, RequestParser } from './request-parser.js';
import { ok, type Scenario, scenarioOf } from './scenarios.js';

/** A request whose head, at least, has arrived. */
export interface HostileRequest extends RequestHead {
  /** The key in the URL's query. */
  readonly key: string;
  /** The number of the request among those of its key and scenario, from 1. */
  readonly number: number;
  readonly scenario: string;
  /** The part of the body that has arrived, as text. */
  readonly body: string;
  /** Whether the whole body has arrived. */
  readonly complete: boolean;
  /** The number of its connection. */
  readonly connection: number;
}

/** A connection, as specs see it. */
export interface HostileConnection {
  /** The number of the connection to its port, from 1. */
  readonly number: number;
  /** The number of bytes received. */
  readonly bytes: number;
  /** The number of requests received. */
  readonly requests: number;
  readonly open: boolean;
  /** Whether it is open and not idle. It is idle before its first request, and after a complete answer. */
  readonly busy: boolean;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

class Connection implements HostileConnection {
  requests = 0;
  open = true;
  /** Clients may connect before they have a request, so a new connection is idle. */
  idle = true;

  constructor(
    readonly number: number,
    private readonly socket: Socket,
  ) {}

  get bytes(): number {
    return this.socket.bytesRead;
  }
  get busy(): boolean {
    return this.open && !this.idle;
  }
}

/** One port, with its connections and requests. It listens from {@link Listener.open} to {@link Listener.close}. */
export class Listener {
  readonly requests: HostileRequest[] = [];
  readonly connections: HostileConnection[] = [];
  readonly #byKey = new Map<string, HostileRequest[]>();
  readonly #server: Server;
  readonly #refusedUrl: string;
  readonly #scenario: Scenario;
  /** The number of connections that get {@link Scenario.accept}. */
  readonly #faults: number;
  readonly #sockets = new Set<Socket>();
  readonly #waiters = new Set<() => void>();

  private constructor(refusedUrl: string, scenario: Scenario, faults: number) {
    this.#refusedUrl = refusedUrl;
    this.#scenario = scenario;
    this.#faults = faults;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#accept(socket);
    });
  }

  static async open(refusedUrl: string, scenario: Scenario = ok, faults = Infinity): Promise<Listener> {
    const listener = new Listener(refusedUrl, scenario, faults);
    listener.#server.listen(0, '127.0.0.1');
    await once(listener.#server, 'listening');
    return listener;
  }

  get origin(): string {
    const { speaks } = this.#scenario;
    const scheme = speaks === 'tls' || speaks === 'plain on https' ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Resolves as soon as the condition is true. It is checked after every change of a request or a connection. */
  when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#waiters.delete(check);
        resolve();
      };
      this.#waiters.add(check);
      check();
    });
  }

  /** Returns the requests of one key. */
  requestsOf(key: string): readonly HostileRequest[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Discards the requests of one key, the list of all requests, and, beyond 2,000 connections, the closed ones. */
  forget(key: string): void {
    this.#byKey.delete(key);
    this.requests.length = 0;
    if (this.connections.length > 2_000) {
      this.connections.splice(0, this.connections.length, ...this.connections.filter(({ open }) => open));
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #changed(): void {
    for (const check of this.#waiters) check();
  }

  #accept(raw: Socket): void {
    const connection = new Connection(this.connections.length + 1, raw);
    this.connections.push(connection);
    this.#sockets.add(raw);
    // Clients cut connections in most scenarios, so an error of the socket is expected.
    raw.on('error', () => undefined);
    raw.once('close', () => {
      this.#sockets.delete(raw);
      connection.open = false;
      this.#changed();
    });
    this.#changed();

    const { accept, speaks } = this.#scenario;
    if (accept && connection.number <= this.#faults) {
      raw.on('data', () => {
        connection.idle = false;
      });
      perform(() => accept(new ServerSocket(raw)));
    } else if (speaks === 'tls' || speaks === 'tls on http') {
      const secure = new TLSSocket(raw, { isServer: true, ...certificate });
      secure.on('error', () => raw.destroy());
      connection.idle = false;
      this.#serve(secure, new ServerSocket(secure, raw), connection);
    } else {
      this.#serve(raw, new ServerSocket(raw), connection);
    }
  }

  #serve(socket: Socket, serverSocket: ServerSocket, connection: Connection): void {
    let entry: Writable<HostileRequest> | undefined;
    let action: { readonly early: boolean; readonly run: () => void } | undefined;
    const parser = new RequestParser({
      onHead: (head) => {
        const onDone = (): void => {
          connection.idle = true;
          this.#changed();
        };
        if (head.headers['access-control-request-method'] !== undefined) {
          action = {
            early: false,
            run: () => {
              perform(() => serverSocket.write(allowAll(head)).then(onDone));
            },
          };
          return;
        }
        entry = this.#log(head, connection);
        const ordinal = (connection.requests += 1);
        const { early = false, answer = ok.answer } = this.#scenarioFor(entry, head);
        action = {
          early,
          run: () => {
            perform(() =>
              answer?.({ ...head, socket: serverSocket, ordinal, refusedUrl: this.#refusedUrl, done: onDone }),
            );
          },
        };
        this.#changed();
        if (early) action.run();
      },
      onBody: (bytes) => {
        if (entry) entry.body += bytes.toString();
      },
      onEnd: () => {
        if (entry) entry.complete = true;
        entry = undefined;
        this.#changed();
        if (!action?.early) action?.run();
      },
    });
    socket.on('data', (bytes) => {
      connection.idle = false;
      parser.feed(bytes);
    });
  }

  #log(head: RequestHead, { number: connection }: Connection): Writable<HostileRequest> {
    const { pathname, searchParams } = new URL(head.target, 'http://hostile.test');
    const scenario = pathname.slice(1);
    const key = searchParams.get('key') ?? '';
    const number = this.requestsOf(key).filter((request) => request.scenario === scenario).length + 1;
    const entry = { ...head, key, number, scenario, body: '', complete: false, connection };
    this.requests.push(entry);
    const known = this.#byKey.get(key);
    if (known) known.push(entry);
    else this.#byKey.set(key, [entry]);
    return entry;
  }

  /** Returns the scenario in the path of a request, or `ok` if the query allows no more faults. */
  #scenarioFor({ scenario, number }: HostileRequest, { target }: RequestHead): Scenario {
    const faults = new URL(target, 'http://hostile.test').searchParams.get('faults');
    return faults !== null && number > Number(faults) ? ok : scenarioOf(scenario);
  }
}

/** Runs a scenario, and ignores a disconnect of the client meanwhile. */
function perform(act: () => Promise<void> | void): void {
  Promise.resolve()
    .then(act)
    .catch((error: unknown) => {
      if (!(error instanceof ClientDisconnected)) throw error;
    });
}

/** Formats the answer to a preflight request of a browser. */
function allowAll({ headers }: RequestHead): string {
  return `HTTP/1.1 204 So\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: *\r\nAccess-Control-Allow-Headers: ${
    headers['access-control-request-headers'] ?? '*'
  }\r\n\r\n`;
}
