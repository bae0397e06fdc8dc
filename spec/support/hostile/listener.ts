import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import { certificate } from './certificate.js';
import { type RequestHead, RequestParser } from './request-parser.js';
import { ok, type Scenario, scenarioOf } from './scenarios.js';
import { ClientLeft, Line } from './turn.js';

/** One request that came, or whose head did. */
export interface HostileRequest extends RequestHead {
  /** What the URL's query says. */
  readonly key: string;
  /** 1 for the first request of its key and scenario. */
  readonly number: number;
  readonly scenario: string;
  /** What of the body has come, as text. */
  readonly body: string;
  /** Whether all of it has come. */
  readonly complete: boolean;
  /** The number of the connection that it came on. */
  readonly connection: number;
}

/** One connection. */
export interface HostileConnection {
  /** 1 for the first connection to its port. */
  readonly number: number;
  /** How many bytes came on it. */
  readonly bytes: number;
  /** How many requests came on it. */
  readonly requests: number;
  readonly open: boolean;
  /** Open, and not merely resting: after a whole answer, or since nothing was asked for on it yet. */
  readonly busy: boolean;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

class Connection implements HostileConnection {
  requests = 0;
  open = true;
  /** Clients may connect ahead of need, and keep the connection. */
  resting = true;

  constructor(
    readonly number: number,
    private readonly socket: Socket,
  ) {}

  get bytes(): number {
    return this.socket.bytesRead;
  }
  get busy(): boolean {
    return this.open && !this.resting;
  }
}

/** One port: every connection to it, and every request on these. */
export class Listener {
  readonly requests: HostileRequest[] = [];
  readonly connections: HostileConnection[] = [];
  readonly #byKey = new Map<string, HostileRequest[]>();
  readonly #server: Server;
  readonly #refusedUrl: string;
  readonly #accepting: Scenario;
  /** How many connections meet what {@link Scenario.accept} does. */
  readonly #faults: number;
  readonly #sockets = new Set<Socket>();
  readonly #watching = new Set<() => void>();

  private constructor(refusedUrl: string, accepting: Scenario, faults: number) {
    this.#refusedUrl = refusedUrl;
    this.#accepting = accepting;
    this.#faults = faults;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#connected(socket);
    });
  }

  static async open(refusedUrl: string, accepting: Scenario = ok, faults = Infinity): Promise<Listener> {
    const listener = new Listener(refusedUrl, accepting, faults);
    listener.#server.listen(0, '127.0.0.1');
    await once(listener.#server, 'listening');
    return listener;
  }

  get origin(): string {
    const { speaks } = this.#accepting;
    const scheme = speaks === 'tls' || speaks === 'plain on https' ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Resolves as soon as this holds; asked whenever a request comes, is answered, or a connection opens or closes. */
  when(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!holds()) return;
        this.#watching.delete(check);
        resolve();
      };
      this.#watching.add(check);
      check();
    });
  }

  /** The requests of one key. */
  requestsOf(key: string): readonly HostileRequest[] {
    return this.#byKey.get(key) ?? [];
  }

  /** Forgets the requests that have come, but for those of keys that are still counted, and the connections that are closed. */
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
    for (const check of this.#watching) check();
  }

  #connected(raw: Socket): void {
    const connection = new Connection(this.connections.length + 1, raw);
    this.connections.push(connection);
    this.#sockets.add(raw);
    // Clients that cut a connection are what this server is for.
    raw.on('error', () => undefined);
    raw.once('close', () => {
      this.#sockets.delete(raw);
      connection.open = false;
      this.#changed();
    });
    this.#changed();

    const { accept, speaks } = this.#accepting;
    if (accept && connection.number <= this.#faults) {
      raw.on('data', () => {
        connection.resting = false;
      });
      perform(() => accept(new Line(raw)));
    } else if (speaks === 'tls' || speaks === 'tls on http') {
      const secure = new TLSSocket(raw, { isServer: true, ...certificate });
      secure.on('error', () => raw.destroy());
      connection.resting = false;
      this.#serve(secure, new Line(secure, raw), connection);
    } else {
      this.#serve(raw, new Line(raw), connection);
    }
  }

  #serve(socket: Socket, line: Line, connection: Connection): void {
    let entry: Writable<HostileRequest> | undefined;
    let act: { readonly early: boolean; readonly run: () => void } | undefined;
    const parser = new RequestParser({
      onHead: (head) => {
        const done = (): void => {
          connection.resting = true;
          this.#changed();
        };
        if (head.headers['access-control-request-method'] !== undefined) {
          act = {
            early: false,
            run: () => {
              perform(() => line.say(allowAll(head)).then(done));
            },
          };
          return;
        }
        entry = this.#log(head, connection);
        const ordinal = (connection.requests += 1);
        const { early = false, answer = ok.answer } = this.#fits(entry, head);
        act = {
          early,
          run: () => {
            perform(() => answer?.({ ...head, line, ordinal, refusedUrl: this.#refusedUrl, done }));
          },
        };
        this.#changed();
        if (early) act.run();
      },
      onBody: (bytes) => {
        if (entry) entry.body += bytes.toString();
      },
      onEnd: () => {
        if (entry) entry.complete = true;
        entry = undefined;
        this.#changed();
        if (!act?.early) act?.run();
      },
    });
    socket.on('data', (bytes) => {
      connection.resting = false;
      parser.feed(bytes);
    });
  }

  #log(head: RequestHead, { number: connection }: Connection): Writable<HostileRequest> {
    const { pathname, searchParams } = new URL(head.target, 'http://hostile.test');
    const scenario = pathname.slice(1);
    const key = searchParams.get('key') ?? '';
    const number = this.requestsOf(key).filter((one) => one.scenario === scenario).length + 1;
    const entry = { ...head, key, number, scenario, body: '', complete: false, connection };
    this.requests.push(entry);
    const same = this.#byKey.get(key);
    if (same) same.push(entry);
    else this.#byKey.set(key, [entry]);
    return entry;
  }

  /** What a request meets: what its path says, as often as its query says. */
  #fits({ scenario, number }: HostileRequest, { target }: RequestHead): Scenario {
    const faults = new URL(target, 'http://hostile.test').searchParams.get('faults');
    return faults !== null && number > Number(faults) ? ok : scenarioOf(scenario);
  }
}

/** Lets a scenario act; that the client went away meanwhile is no fault of anybody's. */
function perform(act: () => Promise<void> | void): void {
  Promise.resolve()
    .then(act)
    .catch((error: unknown) => {
      if (!(error instanceof ClientLeft)) throw error;
    });
}

/** The answer to a browser that asks whether a page may ask. */
function allowAll({ headers }: RequestHead): string {
  return `HTTP/1.1 204 So\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Allow-Methods: *\r\nAccess-Control-Allow-Headers: ${
    headers['access-control-request-headers'] ?? '*'
  }\r\n\r\n`;
}
