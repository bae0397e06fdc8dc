import { isHttpError, type FailureReason, type HttpError, type Outcome } from '../../index.js';
import { describeReason } from '../../retry/failure-reason.js';
import { safeText } from '../../util/safe-text.js';
import { causesOf } from '../failures/walk-error-chain.js';
import { failureKind, type FailureKind } from '../failures/failure-kind.js';
import { sizeWords, timeWords } from '../format.js';
import { fileChanged } from '../options/read-data.js';
import { type Pace, Progress } from './progress.js';
import { writeErrorIn } from './write-body.js';

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
  if (value instanceof Progress) {
    return value.pace ? paceWords(value.bytes, value.pace) : `${value.status}, ${sizeWords(value.bytes)}`;
  }
  return String(statusOf(value) ?? 'ok');
}

/** How far a download has come, as a bar where its end is known: `████░░░░░░ 42 %, 1.2 MB/s`. */
function paceWords(bytes: number, { total, bytesPerSecond }: Pace): string {
  const done = total === undefined || total === 0 ? undefined : bytes / total;
  const cells = done === undefined ? 0 : Math.floor(done * 10);
  const far =
    done === undefined ? sizeWords(bytes) : `${'█'.repeat(cells)}${'░'.repeat(10 - cells)} ${Math.floor(done * 100)} %`;
  return bytesPerSecond > 0 ? `${far}, ${sizeWords(bytesPerSecond)}/s` : far;
}

/** The HTTP status behind an accepted value, where the value tells it. */
export function statusOf(value: unknown): number | undefined {
  return value instanceof Response || value instanceof Progress ? value.status : undefined;
}

/** An error in a few words. */
export function errorWords(error: unknown): string {
  const unwritten = writeErrorIn(error);
  // The codes beneath are those of the disk or the pipe, not of a connection.
  if (unwritten) return safeText(unwritten.message);
  if (fileChanged(error)) return 'the file to send was changed meanwhile';
  if (isHttpError(error)) {
    if (error.name === 'HttpStatusError') return String(error.status);
    if (error.name === 'HttpTimeoutError') {
      return error.scope === 'total'
        ? `deadline of ${timeWords(error.limit)} over`
        : `timed out after ${timeWords(error.limit)}`;
    }
    if (error.name === 'HttpNetworkError' && error.phase === 'body') return 'body cut off';
    // What lies beneath may quote the body.
    if (error.name === 'HttpParseError' || error.name === 'HttpValidationError') {
      return safeText(ownMessage(error, error.message));
    }
  }
  if (property(error, 'name') === 'AbortError') return 'aborted';
  const kind = failureKind(error);
  if (kind !== undefined) return kindWords[kind];
  return safeText(innermostMessage(error));
}

/** Why nothing more is tried, as a clause; options are named as the command line has them. */
export function reasonWords(reason: FailureReason): string {
  return describeReason(reason).replace(
    /\b[a-z]+(?:[A-Z][a-z]+)+\b/g,
    (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
}

/** The last message in the chain of causes says most; method, URL and attempt are left out, since they stand beside these words anyway. */
function innermostMessage(error: unknown): string {
  const messages = [...causesOf(error)]
    .map((one) => property(one, 'message'))
    .filter((message) => typeof message === 'string');
  const message = messages.findLast((text) => text !== '') ?? String(error);
  return isHttpError(error) ? ownMessage(error, message) : message;
}

function ownMessage({ request }: HttpError, message: string): string {
  return message.replace(`${request.method} ${request.url}: `, '').replace(/ \(attempt [^()]*\)$/, '');
}

function property(thing: unknown, key: string): unknown {
  return typeof thing === 'object' && thing !== null ? Reflect.get(thing, key) : undefined;
}
