import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import type { Outcome } from '../../retry/outcome.js';
import { redactSignatures, safeText } from '../../util/safe-text.js';
import { errorCodes } from '../failures/failure-kind.js';
import { Progress } from './progress.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * An event as one line of JSON: everything that it tells, with errors and responses in readable form.
 *
 * An attempt limit without end is the string `"infinity"`, since JSON has no number for it.
 */
export function eventJson(event: AttemptEvent<unknown, HttpAttempt>): string {
  const { type, attempt } = event;
  const line: Json = {
    type,
    attempt: {
      number: attempt.number,
      of: Number.isFinite(attempt.of) ? attempt.of : 'infinity',
      requestId: attempt.requestId,
      startedAt: attempt.startedAt,
      method: attempt.method,
      url: redactSignatures(attempt.url),
    },
    elapsed: 'elapsed' in event ? event.elapsed : undefined,
    delay: 'delay' in event ? event.delay : undefined,
    reason: 'reason' in event ? event.reason : undefined,
    outcome: 'outcome' in event ? outcomeJson(event.outcome) : undefined,
    value: event.type === 'value' ? valueJson(event.value) : undefined,
  };
  return plain(JSON.stringify(line));
}

/** An error that no event tells of, as a line of the same form. */
export function errorLine(error: unknown): string {
  return plain(JSON.stringify({ type: 'error', error: errorJson(error) }));
}

/** What goes on otherwise than was asked for, as a line of the same form. */
export function warningLine(message: string): string {
  return plain(JSON.stringify({ type: 'warning', message: safeText(message) }));
}

/** JSON that can be shown on a terminal: what it takes for a command, or for a change of direction, is spelled `\u009b`. */
function plain(json: string): string {
  const spelled = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => character.split('').map(spelled).join(''));
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

/** Name, message and codes of an error: its other properties may hold a request, and with it its secrets. */
function errorJson(error: unknown): Json {
  if (!(error instanceof Error)) return { message: safeText(String(error)) };
  return { name: error.name, message: safeText(error.message), code: errorCodes(error)[0] };
}

function valueJson(value: unknown): Json {
  if (value instanceof Response) return responseJson(value);
  return value instanceof Progress ? { status: value.status, bytes: value.bytes, ...value.pace } : String(value);
}
