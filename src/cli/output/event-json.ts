import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { GateRejectedError } from '../../retry/gate-rejected-error.js';
import type { Outcome } from '../../retry/outcome.js';
import { assertNever } from '../../util/assert-never.js';
import { redactSignatures, safeText } from '../../util/safe-text.js';
import { errorCodes } from '../failures/failure-kind.js';
import { Progress } from './progress.js';

type Event = AttemptEvent<unknown, HttpAttempt>;
interface JsonObject {
  readonly [key: string]: Json | undefined;
}
type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/**
 * Formats an event as one line of JSON. Errors and responses become plain objects.
 *
 * An infinite number of attempts becomes the string `"infinity"`: in JSON, `Infinity` would become null.
 */
export function eventToJson(event: Event): string {
  const { attempt } = event;
  return toLine({
    type: event.type,
    attempt: {
      number: attempt.number,
      of: Number.isFinite(attempt.of) ? attempt.of : 'infinity',
      requestId: attempt.requestId,
      startedAt: attempt.startedAt,
      method: attempt.method,
      url: redactSignatures(attempt.url),
    },
    ...eventFields(event),
  });
}

/** Returns the fields that events of this type have besides type and attempt. */
function eventFields(event: Event): JsonObject {
  switch (event.type) {
    case 'start':
      return {};
    case 'hold':
      return { gate: event.gate };
    case 'hedge':
      return { elapsed: event.elapsed, url: redactSignatures(event.url) };
    case 'response':
      return { elapsed: event.elapsed, url: redactSignatures(event.url), response: responseJson(event.response) };
    case 'value':
      return { elapsed: event.elapsed, value: valueJson(event.value) };
    case 'retry':
      return { elapsed: event.elapsed, delay: event.delay, outcome: outcomeJson(event.outcome) };
    case 'failure':
      return {
        elapsed: event.elapsed,
        total: event.total,
        reason: event.reason,
        gate: event.gate,
        outcome: outcomeJson(event.outcome),
      };
    case 'success':
    case 'cancel':
      return { elapsed: event.elapsed, total: event.total };
    default:
      return assertNever(event);
  }
}

/** Formats an error that happened after the last event, as a line of JSON. */
export function errorToJson(error: unknown): string {
  return toLine({ type: 'error', error: errorJson(error) });
}

/** Formats a warning, such as a download that starts over, as a line of JSON. */
export function warningToJson(message: string): string {
  return toLine({ type: 'warning', message: safeText(message) });
}

/**
 * Serializes a value as JSON that is safe to print on a terminal.
 *
 * Control and format characters, which a terminal obeys, are escaped as in `\u009b`.
 */
function toLine(value: JsonObject): string {
  const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character.split('').map(escapeUnit).join(''),
  );
}

function outcomeJson(outcome: Outcome): Json {
  const { response } = outcome;
  return {
    kind: outcome.kind,
    response: response && responseJson(response),
    error: outcome.kind === 'error' ? errorJson(outcome.error) : undefined,
    value: outcome.kind === 'value' ? valueJson(outcome.value) : undefined,
  };
}

function responseJson({ status, statusText, url, headers }: Response): Json {
  return { status, statusText, url: safeText(url), retryAfter: headers.get('retry-after') ?? undefined };
}

/** Picks the name, message and code of an error. Its other properties could contain a request with its secrets. */
function errorJson(error: unknown): Json {
  if (!(error instanceof Error)) return { message: safeText(String(error)) };
  return {
    name: error.name,
    message: safeText(error.message),
    code: errorCodes(error)[0],
    ...(error instanceof GateRejectedError && rejectionFields(error)),
  };
}

function rejectionFields({ gate, retryAfter }: GateRejectedError): JsonObject {
  // A gate that does not know when it will open can say Infinity, which has no JSON.
  return { gate, retryAfter: retryAfter === Infinity ? undefined : retryAfter };
}

function valueJson(value: unknown): Json {
  if (value instanceof Response) return responseJson(value);
  return value instanceof Progress ? { status: value.status, bytes: value.bytes, ...value.transfer } : String(value);
}
