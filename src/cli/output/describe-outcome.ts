import { type AttemptEvent, GateRejectedError, isHttpError, type HttpError, type Outcome } from '../../index.js';
import { describeReason } from '../../retry/failure-reason.js';
import { assertNever } from '../../util/assert-never.js';
import { readProperty } from '../../util/foreign-object.js';
import { safeText } from '../../util/safe-text.js';
import { failureKindOf, type FailureKind } from '../failures/failure-kind.js';
import { isFileChangedError } from '../failures/file-changed.js';
import { walkErrorChain } from '../failures/walk-error-chain.js';
import { findWriteError } from '../failures/write-error.js';
import { formatDuration, formatSize } from '../format.js';
import { Progress, type Transfer } from './progress.js';

const KIND_DESCRIPTIONS: Readonly<Record<FailureKind, string>> = {
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

/** Describes the outcome of an attempt in a few words: `503`, `connection refused`, `timed out after 500 ms`. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'response':
      return String(outcome.response.status);
    case 'value':
      return describeAcceptedValue(outcome.value);
    case 'error':
      return describeError(outcome.error);
    default:
      return assertNever(outcome);
  }
}

/** Describes an accepted value by its response: `200`, `200, 1.2 kB`, or `ok` if it has no status. */
export function describeAcceptedValue(value: unknown): string {
  if (value instanceof Progress) {
    return value.transfer
      ? describeTransfer(value.bytes, value.transfer)
      : `${value.status}, ${formatSize(value.bytes)}`;
  }
  return String(statusOf(value) ?? 'ok');
}

/** Describes a running download, with a bar if its total size is known: `████░░░░░░ 42 %, 1.2 MB/s`. */
function describeTransfer(bytes: number, { total, bytesPerSecond }: Transfer): string {
  const fraction = total === undefined || total === 0 ? undefined : bytes / total;
  const cells = fraction === undefined ? 0 : Math.floor(fraction * 10);
  const amount =
    fraction === undefined
      ? formatSize(bytes)
      : `${'█'.repeat(cells)}${'░'.repeat(10 - cells)} ${Math.floor(fraction * 100)} %`;
  return bytesPerSecond > 0 ? `${amount}, ${formatSize(bytesPerSecond)}/s` : amount;
}

/** Returns the HTTP status of an accepted value, if it has one. */
export function statusOf(value: unknown): number | undefined {
  return value instanceof Response || value instanceof Progress ? value.status : undefined;
}

/** Describes an error in a few words. */
export function describeError(error: unknown): string {
  // Before the codes of the causes are read: those of a disk or pipe, such as EPIPE, would describe a connection.
  const writeError = findWriteError(error);
  if (writeError) return safeText(writeError.message);
  if (isFileChangedError(error)) return 'the file to send changed between attempts';
  if (error instanceof GateRejectedError) return describeRejection(error);
  if (isHttpError(error)) {
    if (error.name === 'HttpStatusError') return String(error.status);
    if (error.name === 'HttpTimeoutError') {
      return error.scope === 'total'
        ? `deadline of ${formatDuration(error.limit)} exceeded`
        : `timed out after ${formatDuration(error.limit)}`;
    }
    if (error.name === 'HttpNetworkError' && error.phase === 'body') return 'body cut off';
    // The error's own message, since the message of its cause may quote the body.
    if (error.name === 'HttpParseError' || error.name === 'HttpValidationError') {
      return safeText(withoutRequest(error, error.message));
    }
  }
  if (readProperty(error, 'name') === 'AbortError') return 'aborted';
  const kind = failureKindOf(error);
  if (kind !== undefined) return KIND_DESCRIPTIONS[kind];
  return safeText(innermostMessage(error));
}

/** Describes a rejection by the gate and its own reason: `rejected by circuit-breaker: the circuit is open`. */
function describeRejection({ gate, cause }: GateRejectedError): string {
  const because = cause === undefined ? '' : `: ${innermostMessage(cause)}`;
  return safeText(`rejected by ${gate}${because}`);
}

/** Describes why a request is not retried, as a clause. Options have the names of the command line. */
export function describeFailureReason({
  reason,
  gate,
}: Pick<AttemptEvent & { type: 'failure' }, 'reason' | 'gate'>): string {
  if (gate !== undefined) return `${safeText(gate)} let no further attempt in`;
  return describeReason(reason).replace(
    /\b[a-z]+(?:[A-Z][a-z]+)+\b/g,
    (name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
}

/** Returns the last message in the chain of causes, which is the most specific one. */
function innermostMessage(error: unknown): string {
  const messages = [...walkErrorChain(error)]
    .map((inner) => readProperty(inner, 'message'))
    .filter((message) => typeof message === 'string');
  const message = messages.findLast((text) => text !== '') ?? String(error);
  return isHttpError(error) ? withoutRequest(error, message) : message;
}

/** Removes method, URL and attempt from a message, since the line or row of the attempt shows them already. */
function withoutRequest({ request }: Pick<HttpError, 'request'>, message: string): string {
  return message.replace(`${request.method} ${request.url}: `, '').replace(/ \(attempt [^()]*\)$/, '');
}
