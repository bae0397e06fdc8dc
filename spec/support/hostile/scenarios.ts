import { gzipSync } from 'node:zlib';

import { DRIBBLE_INTERVAL_MS, FULL_BODY } from './full-body.js';
import type { ServerSocket, HostileExchange } from './hostile-exchange.js';

/** A fault, and when it happens. Without `answer`, requests get a complete answer. */
export interface Scenario {
  /** Acts as soon as a client connects, and reads no request. */
  readonly accept?: (socket: ServerSocket) => Promise<void> | void;
  /** Answers a request. */
  readonly answer?: (exchange: HostileExchange) => Promise<void> | void;
  /** Answers as soon as the head of the request has arrived, without waiting for its body. */
  readonly early?: true;
  /**
   * The protocol of the port. `tls` and `plain on https` have an https URL; `tls on http` and `plain` an http URL.
   *
   * @default 'plain'
   */
  readonly speaks?: 'plain' | 'tls' | 'plain on https' | 'tls on http';
}

/** The first half of the body: a body that breaks off lacks the other half. */
const HALF = FULL_BODY.slice(0, FULL_BODY.length / 2);

const LENGTH = { 'Content-Length': String(FULL_BODY.length) };
const CHUNKED = { 'Transfer-Encoding': 'chunked' };

/** Formats the head of an answer. Pages of any origin may read it. */
export function head(status: number | string = 200, fields: Readonly<Record<string, string>> = LENGTH): string {
  const all = {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Access-Control-Allow-Origin': '*',
    ...fields,
  };
  return `HTTP/1.1 ${status} So\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

/** Sends a complete answer, after which the client may reuse the connection. */
const answers =
  (...parts: readonly (string | Uint8Array)[]) =>
  async ({ socket, done }: HostileExchange): Promise<void> => {
    for (const part of parts) await socket.write(part);
    done();
  };

/** The answer without a fault. */
export const ok: Scenario = { answer: answers(head() + FULL_BODY) };

type Cut = 'reset' | 'fin';

/** Sends these bytes, then ends the connection. */
const cuts =
  (how: Cut, ...parts: readonly (string | Uint8Array)[]) =>
  async ({ socket }: HostileExchange): Promise<void> => {
    for (const part of parts) await socket.write(part);
    socket[how]();
  };

/** Sends these bytes, then nothing more. */
const stalls =
  (...parts: readonly string[]) =>
  async ({ socket }: HostileExchange): Promise<void> => {
    for (const part of parts) await socket.write(part);
  };

const redirects =
  (status: number, location: string | ((exchange: HostileExchange) => string)) => (exchange: HostileExchange) =>
    answers(
      head(status, { 'Content-Length': '0', Location: typeof location === 'string' ? location : location(exchange) }),
    )(exchange);

const endless =
  (status: number) =>
  async ({ socket }: HostileExchange) => {
    await socket.write(head(status, CHUNKED));
    for (;;) await socket.write(chunk('x'.repeat(16_384)));
  };

const search = (target: string): string => target.slice(target.indexOf('?'));

const HALF_HEAD = head().slice(0, head().length / 2);
const GZIPPED = gzipSync(FULL_BODY);
const gzipHead = (length: number): string =>
  head(200, { 'Content-Encoding': 'gzip', 'Content-Length': String(length) });

/** All scenarios, by the name in the path of their URLs. */
export const scenarios = {
  ok,

  // ——— Before a request is read.
  'reset-on-accept': {
    accept: (socket) => {
      socket.reset();
    },
  },
  'fin-on-accept': {
    accept: (socket) => {
      socket.fin();
    },
  },
  'stall-on-accept': { accept: () => undefined },
  'self-signed-certificate': { ...ok, speaks: 'tls' },
  'reset-in-handshake': {
    accept: async (socket) => {
      await socket.firstBytes();
      socket.reset();
    },
    speaks: 'plain on https',
  },
  'fin-in-handshake': {
    accept: async (socket) => {
      await socket.firstBytes();
      socket.fin();
    },
    speaks: 'plain on https',
  },
  'stall-in-handshake': { accept: () => undefined, speaks: 'plain on https' },
  'http-on-https-url': { accept: (socket) => socket.write(head(400) + FULL_BODY), speaks: 'plain on https' },
  'https-on-http-url': { ...ok, speaks: 'tls on http' },

  // ——— Cut by a reset or a FIN.
  'reset-amid-request': { answer: cuts('reset'), early: true },
  'reset-after-request': { answer: cuts('reset') },
  'fin-after-request': { answer: cuts('fin') },
  'reset-in-status-line': { answer: cuts('reset', 'HTTP/1.1 20') },
  'fin-in-status-line': { answer: cuts('fin', 'HTTP/1.1 20') },
  'reset-in-headers': { answer: cuts('reset', HALF_HEAD) },
  'fin-in-headers': { answer: cuts('fin', HALF_HEAD) },
  'reset-after-headers': { answer: cuts('reset', head()) },
  'fin-after-headers': { answer: cuts('fin', head()) },
  'reset-in-body': { answer: cuts('reset', head(), HALF) },
  'fin-in-body': { answer: cuts('fin', head(), HALF) },
  'reset-in-unframed-body': { answer: cuts('reset', head(200, { Connection: 'close' }), HALF) },
  'fin-after-unframed-body': { answer: cuts('fin', head(200, { Connection: 'close' }), FULL_BODY) },
  'reset-in-chunk-size': { answer: cuts('reset', head(200, CHUNKED), chunk(HALF), '1') },
  'fin-in-chunk-size': { answer: cuts('fin', head(200, CHUNKED), chunk(HALF), '1') },
  'reset-in-chunk': { answer: cuts('reset', head(200, CHUNKED), chunk(HALF).slice(0, -9)) },
  'fin-in-chunk': { answer: cuts('fin', head(200, CHUNKED), chunk(HALF).slice(0, -9)) },
  'reset-before-last-chunk': { answer: cuts('reset', head(200, CHUNKED), chunk(FULL_BODY)) },
  'fin-before-last-chunk': { answer: cuts('fin', head(200, CHUNKED), chunk(FULL_BODY)) },
  'fin-after-trailers': { answer: cuts('fin', head(200, CHUNKED), chunk(FULL_BODY), '0\r\nX-Trailer: 1\r\n\r\n') },
  'fin-in-last-chunk': { answer: cuts('fin', head(200, CHUNKED), chunk(FULL_BODY), '0\r\n') },

  // ——— Silent.
  'stall-after-request': { answer: stalls() },
  'stall-in-status-line': { answer: stalls('HTTP/1.1 20') },
  'stall-in-headers': { answer: stalls(HALF_HEAD) },
  'stall-after-headers': { answer: stalls(head()) },
  'stall-in-body': { answer: stalls(head(), HALF) },
  'stall-in-chunk': { answer: stalls(head(200, CHUNKED), chunk(HALF).slice(0, -9)) },
  'stall-before-last-chunk': { answer: stalls(head(200, CHUNKED), chunk(FULL_BODY)) },

  // ——— Slow, but never silent for long.
  dribble: {
    answer: async ({ socket, done }) => {
      for (const byte of head()) await socket.write(byte);
      for (const byte of FULL_BODY) {
        await socket.pause(DRIBBLE_INTERVAL_MS);
        await socket.write(byte);
      }
      done();
    },
  },
  'dribble-chunked': {
    answer: async ({ socket, done }) => {
      for (const byte of head(200, CHUNKED)) await socket.write(byte);
      for (const byte of FULL_BODY) {
        await socket.pause(DRIBBLE_INTERVAL_MS);
        for (const part of chunk(byte)) await socket.write(part);
      }
      await socket.write('0\r\n\r\n');
      done();
    },
  },

  // ——— Error statuses whose body cannot be read to its end.
  'endless-503': { answer: endless(503) },
  'silent-503': { answer: stalls(head(503), HALF) },
  'cut-503': { answer: cuts('reset', head(503), HALF) },
  'endless-404': { answer: endless(404) },
  'silent-404': { answer: stalls(head(404), HALF) },

  // ——— Malformed.
  'no-http': { answer: cuts('fin', 'good morning\r\n\r\n') },
  'bad-version': { answer: cuts('fin', head().replace('1.1', '9.9') + FULL_BODY) },
  'no-status': { answer: cuts('fin', head().replace(' 200 So', ' ') + FULL_BODY) },
  'status-of-letters': { answer: cuts('fin', head('two') + FULL_BODY) },
  'nul-in-header': { answer: cuts('fin', head(200, { ...LENGTH, 'X-Nul': 'a\0b' }) + FULL_BODY) },
  'header-without-colon': { answer: cuts('fin', head().replace('Cache-Control:', 'Cache-Control') + FULL_BODY) },
  'huge-header': { answer: cuts('fin', head(200, { ...LENGTH, 'X-Huge': 'x'.repeat(400_000) }) + FULL_BODY) },
  'endless-headers': {
    answer: async ({ socket }) => {
      await socket.write('HTTP/1.1 200 So\r\n');
      for (;;) await socket.write(`X-More: ${'x'.repeat(2_000)}\r\n`);
    },
  },
  'negative-content-length': { answer: cuts('fin', head(200, { 'Content-Length': '-1' }) + FULL_BODY) },
  'conflicting-content-length': { answer: cuts('fin', head(200, { ...LENGTH, 'content-length': '7' }) + FULL_BODY) },
  'content-length-and-chunked': {
    answer: cuts('fin', head(200, { 'Content-Length': '7', ...CHUNKED }) + chunk(FULL_BODY) + '0\r\n\r\n'),
  },
  'bad-chunk-size': { answer: cuts('fin', head(200, CHUNKED), chunk(HALF), 'zz\r\n') },
  'huge-chunk-size': { answer: cuts('fin', head(200, CHUNKED), chunk(HALF), `${'f'.repeat(17)}\r\nx`) },
  'chunk-without-end': { answer: cuts('fin', head(200, CHUNKED), `3\r\nabcdef\r\n0\r\n\r\n`) },
  'body-longer-than-content-length': { answer: answers(`${head()}${FULL_BODY}and more`) },
  'unasked-response': { answer: answers(head() + FULL_BODY + head(200, { 'Content-Length': '6' }) + 'forged') },

  // ——— Encodings.
  gzip: { answer: answers(gzipHead(GZIPPED.length), GZIPPED) },
  'text-as-gzip': { answer: answers(head(200, { ...LENGTH, 'Content-Encoding': 'gzip' }) + FULL_BODY) },
  'cut-gzip': { answer: cuts('fin', gzipHead(GZIPPED.length), GZIPPED.subarray(0, 40)) },
  'truncated-gzip': { answer: answers(gzipHead(40), GZIPPED.subarray(0, 40)) },
  'damaged-gzip': {
    answer: answers(
      gzipHead(GZIPPED.length),
      GZIPPED.map((byte, at) => (at === 30 ? byte ^ 0xff : byte)),
    ),
  },

  // ——— Statuses below 200, and those without a body.
  'continue-first': { answer: answers('HTTP/1.1 100 Continue\r\n\r\n', head() + FULL_BODY) },
  'early-hints-first': {
    answer: answers('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n', head() + FULL_BODY),
  },
  'many-interim-first': { answer: answers('HTTP/1.1 102 Processing\r\n\r\n'.repeat(20) + head() + FULL_BODY) },
  'endless-interim': {
    answer: async ({ socket }) => {
      for (;;) {
        await socket.pause(DRIBBLE_INTERVAL_MS);
        await socket.write('HTTP/1.1 102 Processing\r\n\r\n');
      }
    },
  },
  'interim-then-reset': { answer: cuts('reset', 'HTTP/1.1 103 Early Hints\r\n\r\n') },
  'switching-protocols': {
    answer: stalls('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  },
  'no-content': { answer: answers(head(204, {})) },
  'no-content-with-body': { answer: answers(head(204) + FULL_BODY) },
  'not-modified': { answer: answers(head(304, {})) },
  'not-modified-with-body': { answer: answers(head(304) + FULL_BODY) },

  // ——— Redirects into failure.
  'redirect-to-refused': { answer: redirects(307, ({ refusedUrl }) => refusedUrl) },
  'redirect-to-refused-with-password': {
    answer: redirects(307, ({ refusedUrl }) => refusedUrl.replace('//', '//user:sesame@')),
  },
  'redirect-to-reset': { answer: redirects(307, ({ target }) => `/reset-after-request${search(target)}`) },
  'see-other-to-reset': { answer: redirects(303, ({ target }) => `/reset-after-request${search(target)}`) },
  'redirect-loop': { answer: redirects(307, ({ target }) => target) },
  'redirect-to-bad-url': { answer: redirects(307, 'http://127.0.0.1:99999/') },
  'redirect-to-ftp': { answer: redirects(307, 'ftp://127.0.0.1/') },
  'redirect-without-location': { answer: answers(head(302, { 'Content-Length': '0' })) },

  // ——— Kept connections that end.
  'reset-on-reuse': {
    answer: (exchange) => (exchange.ordinal === 1 ? ok.answer?.(exchange) : cuts('reset')(exchange)),
    early: true,
  },
  'fin-on-reuse': {
    answer: (exchange) => (exchange.ordinal === 1 ? ok.answer?.(exchange) : cuts('fin')(exchange)),
    early: true,
  },
  'fin-when-idle': { answer: cuts('fin', head() + FULL_BODY) },
} satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof scenarios;

/** Returns a scenario by its name, or `ok` for an unknown name. */
export function scenarioOf(name: string): Scenario {
  const all: Readonly<Record<string, Scenario>> = scenarios;
  return all[name] ?? ok;
}
