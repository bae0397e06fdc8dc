import { isHttpError, type FailureReason, type Outcome } from '../index.js';
import { causesOf } from './causes.js';
import { failureKind, type FailureKind } from './error-code.js';
import { type Pace, Progress } from './progress.js';
import { safeWords, sizeWords, timeWords } from './words.js';

const kindWords: Readonly<Record<FailureKind, string>> = {
  name: 'name not resolved',
  refused: 'connection refused',
  unreachable: 'host not reachable',
  timeout: 'connecting timed out',
  certificate: 'certificate rejected',
  handshake: 'TLS handshake failed',
  reset: 'connection reset',
  closed: 'connection cut',
  url: 'malformed URL',
};

/** What an attempt came to, in two or three words: `503`, `connection refused`, `timed out after 500 ms`. */
export function outcomeWords(outcome: Outcome): string {
  if (outcome.kind === 'response') return String(outcome.response.status);
  if (outcome.kind === 'value') return valueWords(outcome.value);
  return errorWords(outcome.error);
}

/** What an accepted value tells of its response: `200`, `200, 1.2 kB`, or just `ok`. */
export function valueWords(value: unknown): string {
  if (value instanceof Progress) return value.pace ? paceWords(value.bytes, value.pace) : `${value.status}, ${sizeWords(value.bytes)}`;
  return String(statusOf(value) ?? 'ok');
}

/** How far a download has come, as a bar where its end is known: `████░░░░░░ 42 %, 1.2 MB/s`. */
function paceWords(bytes: number, { total, bytesPerSecond }: Pace): string {
  const done = total === undefined || total === 0 ? undefined : bytes / total;
  const cells = done === undefined ? 0 : Math.floor(done * 10);
  const far = done === undefined ? sizeWords(bytes) : `${'█'.repeat(cells)}${'░'.repeat(10 - cells)} ${Math.floor(done * 100)} %`;
  return bytesPerSecond > 0 ? `${far}, ${sizeWords(bytesPerSecond)}/s` : far;
}

/** The HTTP status behind an accepted value, where the value tells it. */
export function statusOf(value: unknown): number | undefined {
  return value instanceof Response || value instanceof Progress ? value.status : undefined;
}

/** An error in a few words. */
export function errorWords(error: unknown): string {
  if (isHttpError(error)) {
    if (error.name === 'HttpStatusError') return String(error.status);
    if (error.name === 'HttpTimeoutError') {
      return error.scope === 'total' ? `deadline of ${timeWords(error.limit)} over` : `timed out after ${timeWords(error.limit)}`;
    }
    if (error.name === 'HttpNetworkError' && error.phase === 'body') return 'body cut off';
  }
  if (property(error, 'name') === 'AbortError') return 'aborted';
  const kind = failureKind(error);
  if (kind !== undefined) return kindWords[kind];
  return safeWords(innermostMessage(error));
}

const reasons: Readonly<Record<FailureReason, string>> = {
  attempts: 'no attempt is left',
  permanent: 'trying again would not help',
  method: 'it may have arrived, and its method is not idempotent',
  body: 'the body of the request can be sent only once',
  partial: 'a part of the body was handed on already',
  'retry-after': 'the server asks for a longer wait than is allowed',
  deadline: 'the total timeout leaves no time for another attempt',
  aborted: 'the request was aborted',
  closed: 'the client was closed',
};

/** Why nothing more is tried, as a clause. */
export function reasonWords(reason: FailureReason): string {
  return reasons[reason];
}

/** The last message in the chain of causes says most; method, URL and attempt are left out, since they stand beside these words anyway. */
function innermostMessage(error: unknown): string {
  const messages = [...causesOf(error)].map((one) => property(one, 'message')).filter((message) => typeof message === 'string');
  const message = messages.findLast((text) => text !== '') ?? String(error);
  return isHttpError(error)
    ? message.replace(`${error.request.method} ${error.request.url}: `, '').replace(/ \(attempt [^()]*\)$/, '')
    : message;
}

function property(thing: unknown, key: string): unknown {
  return typeof thing === 'object' && thing !== null ? Reflect.get(thing, key) : undefined;
}
