import { gzipSync } from 'node:zlib';

import type { Line, Turn } from './turn.js';
import { DRIBBLE_GAP, WHOLE } from './whole.js';

/** What goes wrong, and when. */
export interface Scenario {
  /** Acts as soon as somebody connects, and reads no request. */
  readonly accept?: (line: Line) => Promise<void> | void;
  /** Answers a request. */
  readonly answer?: (turn: Turn) => Promise<void> | void;
  /** Answers as soon as the request's head has come, without its body. */
  readonly early?: true;
  /** Makes the URL an https one. @default 'plain' */
  readonly speaks?: 'plain' | 'tls' | 'plain on https' | 'tls on http';
}

/** What is missing from every body that breaks off. */
const HALF = WHOLE.slice(0, WHOLE.length / 2);

const LENGTH = { 'Content-Length': String(WHOLE.length) };
const CHUNKED = { 'Transfer-Encoding': 'chunked' };

/** The head of an answer. Pages of any origin may see it. */
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

/** A whole answer, after which the connection may be used again. */
const answers =
  (...parts: readonly (string | Uint8Array)[]) =>
  async ({ line, done }: Turn): Promise<void> => {
    for (const part of parts) await line.say(part);
    done();
  };

/** In order. */
export const ok: Scenario = { answer: answers(head() + WHOLE) };

type Cut = 'reset' | 'fin';

/** Says this much, then ends the connection. */
const cuts =
  (how: Cut, ...parts: readonly (string | Uint8Array)[]) =>
  async ({ line }: Turn): Promise<void> => {
    for (const part of parts) await line.say(part);
    line[how]();
  };

/** Says this much, then nothing more. */
const stalls =
  (...parts: readonly string[]) =>
  async ({ line }: Turn): Promise<void> => {
    for (const part of parts) await line.say(part);
  };

const redirects = (status: number, location: string | ((turn: Turn) => string)) => (turn: Turn) =>
  answers(head(status, { 'Content-Length': '0', Location: typeof location === 'string' ? location : location(turn) }))(
    turn,
  );

const endless =
  (status: number) =>
  async ({ line }: Turn) => {
    await line.say(head(status, CHUNKED));
    for (;;) await line.say(chunk('x'.repeat(16_384)));
  };

const search = (target: string): string => target.slice(target.indexOf('?'));

const HALF_HEAD = head().slice(0, head().length / 2);
const GZIPPED = gzipSync(WHOLE);
const gzipHead = (length: number): string =>
  head(200, { 'Content-Encoding': 'gzip', 'Content-Length': String(length) });

/** Everything that can go wrong, by the name that stands in the URL's path. */
export const scenarios = {
  ok,

  // ——— Before a request is read.
  'reset-on-accept': {
    accept: (line) => {
      line.reset();
    },
  },
  'fin-on-accept': {
    accept: (line) => {
      line.fin();
    },
  },
  'stall-on-accept': { accept: () => undefined },
  'self-signed-certificate': { ...ok, speaks: 'tls' },
  'reset-in-handshake': {
    accept: async (line) => {
      await line.heard();
      line.reset();
    },
    speaks: 'plain on https',
  },
  'fin-in-handshake': {
    accept: async (line) => {
      await line.heard();
      line.fin();
    },
    speaks: 'plain on https',
  },
  'stall-in-handshake': { accept: () => undefined, speaks: 'plain on https' },
  'http-on-https-url': { accept: (line) => line.say(head(400) + WHOLE), speaks: 'plain on https' },
  'https-on-http-url': { ...ok, speaks: 'tls on http' },

  // ——— Cut, by a reset or a FIN.
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
  'fin-after-unframed-body': { answer: cuts('fin', head(200, { Connection: 'close' }), WHOLE) },
  'reset-in-chunk-size': { answer: cuts('reset', head(200, CHUNKED), chunk(HALF), '1') },
  'fin-in-chunk-size': { answer: cuts('fin', head(200, CHUNKED), chunk(HALF), '1') },
  'reset-in-chunk': { answer: cuts('reset', head(200, CHUNKED), chunk(HALF).slice(0, -9)) },
  'fin-in-chunk': { answer: cuts('fin', head(200, CHUNKED), chunk(HALF).slice(0, -9)) },
  'reset-before-last-chunk': { answer: cuts('reset', head(200, CHUNKED), chunk(WHOLE)) },
  'fin-before-last-chunk': { answer: cuts('fin', head(200, CHUNKED), chunk(WHOLE)) },
  'fin-after-trailers': { answer: cuts('fin', head(200, CHUNKED), chunk(WHOLE), '0\r\nX-Trailer: 1\r\n\r\n') },
  'fin-in-last-chunk': { answer: cuts('fin', head(200, CHUNKED), chunk(WHOLE), '0\r\n') },

  // ——— Silent.
  'stall-after-request': { answer: stalls() },
  'stall-in-status-line': { answer: stalls('HTTP/1.1 20') },
  'stall-in-headers': { answer: stalls(HALF_HEAD) },
  'stall-after-headers': { answer: stalls(head()) },
  'stall-in-body': { answer: stalls(head(), HALF) },
  'stall-in-chunk': { answer: stalls(head(200, CHUNKED), chunk(HALF).slice(0, -9)) },
  'stall-before-last-chunk': { answer: stalls(head(200, CHUNKED), chunk(WHOLE)) },

  // ——— Slow, but never silent.
  dribble: {
    answer: async ({ line, done }) => {
      for (const byte of head()) await line.say(byte);
      for (const byte of WHOLE) {
        await line.pause(DRIBBLE_GAP);
        await line.say(byte);
      }
      done();
    },
  },
  'dribble-chunked': {
    answer: async ({ line, done }) => {
      for (const byte of head(200, CHUNKED)) await line.say(byte);
      for (const byte of WHOLE) {
        await line.pause(DRIBBLE_GAP);
        for (const part of chunk(byte)) await line.say(part);
      }
      await line.say('0\r\n\r\n');
      done();
    },
  },

  // ——— Answers that say that something is wrong, and cannot be read to their end.
  'endless-503': { answer: endless(503) },
  'silent-503': { answer: stalls(head(503), HALF) },
  'cut-503': { answer: cuts('reset', head(503), HALF) },
  'endless-404': { answer: endless(404) },
  'silent-404': { answer: stalls(head(404), HALF) },

  // ——— Malformed.
  'no-http': { answer: cuts('fin', 'good morning\r\n\r\n') },
  'bad-version': { answer: cuts('fin', head().replace('1.1', '9.9') + WHOLE) },
  'no-status': { answer: cuts('fin', head().replace(' 200 So', ' ') + WHOLE) },
  'status-of-letters': { answer: cuts('fin', head('two') + WHOLE) },
  'nul-in-header': { answer: cuts('fin', head(200, { ...LENGTH, 'X-Nul': 'a\0b' }) + WHOLE) },
  'header-without-colon': { answer: cuts('fin', head().replace('Cache-Control:', 'Cache-Control') + WHOLE) },
  'huge-header': { answer: cuts('fin', head(200, { ...LENGTH, 'X-Huge': 'x'.repeat(400_000) }) + WHOLE) },
  'endless-headers': {
    answer: async ({ line }) => {
      await line.say('HTTP/1.1 200 So\r\n');
      for (;;) await line.say(`X-More: ${'x'.repeat(2_000)}\r\n`);
    },
  },
  'negative-content-length': { answer: cuts('fin', head(200, { 'Content-Length': '-1' }) + WHOLE) },
  'conflicting-content-length': { answer: cuts('fin', head(200, { ...LENGTH, 'content-length': '7' }) + WHOLE) },
  'content-length-and-chunked': {
    answer: cuts('fin', head(200, { 'Content-Length': '7', ...CHUNKED }) + chunk(WHOLE) + '0\r\n\r\n'),
  },
  'bad-chunk-size': { answer: cuts('fin', head(200, CHUNKED), chunk(HALF), 'zz\r\n') },
  'huge-chunk-size': { answer: cuts('fin', head(200, CHUNKED), chunk(HALF), `${'f'.repeat(17)}\r\nx`) },
  'chunk-without-end': { answer: cuts('fin', head(200, CHUNKED), `3\r\nabcdef\r\n0\r\n\r\n`) },
  'body-longer-than-content-length': { answer: answers(`${head()}${WHOLE}and more`) },
  'unasked-response': { answer: answers(head() + WHOLE + head(200, { 'Content-Length': '6' }) + 'forged') },

  // ——— Encodings.
  gzip: { answer: answers(gzipHead(GZIPPED.length), GZIPPED) },
  'text-as-gzip': { answer: answers(head(200, { ...LENGTH, 'Content-Encoding': 'gzip' }) + WHOLE) },
  'cut-gzip': { answer: cuts('fin', gzipHead(GZIPPED.length), GZIPPED.subarray(0, 40)) },
  'truncated-gzip': { answer: answers(gzipHead(40), GZIPPED.subarray(0, 40)) },
  'damaged-gzip': {
    answer: answers(
      gzipHead(GZIPPED.length),
      GZIPPED.map((byte, at) => (at === 30 ? byte ^ 0xff : byte)),
    ),
  },

  // ——— Statuses below 200, and those without a body.
  'continue-first': { answer: answers('HTTP/1.1 100 Continue\r\n\r\n', head() + WHOLE) },
  'early-hints-first': {
    answer: answers('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n', head() + WHOLE),
  },
  'many-interim-first': { answer: answers('HTTP/1.1 102 Processing\r\n\r\n'.repeat(20) + head() + WHOLE) },
  'endless-interim': {
    answer: async ({ line }) => {
      for (;;) {
        await line.pause(DRIBBLE_GAP);
        await line.say('HTTP/1.1 102 Processing\r\n\r\n');
      }
    },
  },
  'interim-then-reset': { answer: cuts('reset', 'HTTP/1.1 103 Early Hints\r\n\r\n') },
  'switching-protocols': {
    answer: stalls('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
  },
  'no-content': { answer: answers(head(204, {})) },
  'no-content-with-body': { answer: answers(head(204) + WHOLE) },
  'not-modified': { answer: answers(head(304, {})) },
  'not-modified-with-body': { answer: answers(head(304) + WHOLE) },

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

  // ——— Connections that were kept, and die.
  'reset-on-reuse': { answer: (turn) => (turn.ordinal === 1 ? ok.answer?.(turn) : cuts('reset')(turn)), early: true },
  'fin-on-reuse': { answer: (turn) => (turn.ordinal === 1 ? ok.answer?.(turn) : cuts('fin')(turn)), early: true },
  'fin-when-idle': { answer: cuts('fin', head() + WHOLE) },
} satisfies Readonly<Record<string, Scenario>>;

export type ScenarioName = keyof typeof scenarios;

/** A scenario by its name; what is not known goes well. */
export function scenarioOf(name: string): Scenario {
  const all: Readonly<Record<string, Scenario>> = scenarios;
  return all[name] ?? ok;
}
