import type { FailureReason, Outcome } from '../attempt.js';
import { failureKind, type FailureKind } from './error-code.js';
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
  const status = statusOf(value);
  if (status === undefined) return 'ok';
  const bytes = property(value, 'bytes');
  return typeof bytes === 'number' ? `${status}, ${sizeWords(bytes)}` : String(status);
}

/** The HTTP status that a Response, or whatever a selector made of it, bears. */
export function statusOf(value: unknown): number | undefined {
  const status = property(value, 'status');
  return typeof status === 'number' ? status : undefined;
}

/** An error in a few words. Errors are known by their literal names, so that another copy of the package is understood too. */
export function errorWords(error: unknown): string {
  const name = property(error, 'name');
  if (name === 'HttpStatusError') return String(statusOf(error) ?? 'status');
  if (name === 'HttpTimeoutError') {
    const limit = timeWords(Number(property(error, 'limit')));
    return property(error, 'scope') === 'total' ? `deadline of ${limit} over` : `timed out after ${limit}`;
  }
  if (name === 'AbortError') return 'aborted';
  const inBody = property(error, 'phase') === 'body' ? ' in the body' : '';
  const kind = failureKind(error);
  if (kind !== undefined) return kindWords[kind] + inBody;
  if (inBody !== '') return 'cut off' + inBody;
  const message = property(error, 'message');
  return safeWords(typeof message === 'string' && message !== '' ? message : String(error));
}

const reasons: Readonly<Record<FailureReason, string>> = {
  attempts: 'no attempt is left',
  permanent: 'trying again would not help',
  method: 'the method is not idempotent and the request may have arrived, so it is not sent twice',
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

function property(thing: unknown, key: string): unknown {
  return typeof thing === 'object' && thing !== null ? Reflect.get(thing, key) : undefined;
}
