import { assertNever } from '../util/assert-never.js';
import { checkKnownOptions } from '../util/known-options.js';
import { BOOLEAN, check, FUNCTION, describeValue } from '../util/option-rule.js';
import { safeText } from '../util/safe-text.js';
import type { AttemptEvent, FailureReason, HttpAttempt } from './attempt.js';
import { describeReason } from './failure-reason.js';
import { type Outcome, httpOf } from './outcome.js';

/** A logger: `console`, or an object with the same four methods. */
export interface AttemptLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What happened to an attempt, as fields for a log. Times are in ms; a field that an event has not is absent. */
export interface AttemptFields {
  readonly event: AttemptEvent['type'];
  readonly requestId: string;
  /** The `name` of the client. */
  readonly client?: string;
  readonly method: string;
  /** The URL of the attempt, or of its hedge, safe to show. */
  readonly url: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** The number of attempts in all; absent without a limit. */
  readonly of?: number;
  /** The status of the attempt's response, from the event on that tells of it. */
  readonly status?: number;
  readonly reason?: FailureReason;
  readonly elapsed?: number;
  readonly total?: number;
  readonly delay?: number;
  readonly gate?: string;
}

/** A logger whose methods take fields and a message, such as pino. */
export interface StructuredLogger {
  debug(fields: AttemptFields, message: string): void;
  info(fields: AttemptFields, message: string): void;
  warn(fields: AttemptFields, message: string): void;
  error(fields: AttemptFields, message: string): void;
}

/** An observer for `attempts$`. */
export interface AttemptObserver {
  next(event: AttemptEvent<unknown, HttpAttempt>): void;
}

function describeOutcome(outcome: Outcome): string {
  try {
    return describeReadable(outcome);
  } catch {
    return 'an error that throws when it is looked at';
  }
}

function describeReadable(outcome: Outcome): string {
  const error: unknown = outcome.kind === 'error' ? outcome.error : undefined;
  if (error instanceof Error) return messageWithoutRequest(error);
  const status = httpOf(outcome)?.status;
  if (status) return String(status);
  if (status === undefined) return outcome.kind === 'error' ? oneLine(describeValue(error)) : 'a value to retry';
  // Angular's errors are not instances of Error. Without a response they hold the error of the transport.
  const cause = (error as { readonly error?: unknown } | undefined)?.error;
  return cause instanceof Error ? messageWithoutRequest(cause) : 'no answer';
}

/** Drops method, URL and attempt from the message of this package's errors: the line starts with them. */
function messageWithoutRequest({ message }: Error): string {
  return oneLine(message.replace(/^[A-Z]+ \S+: /, '').replace(/ \(attempt \d+(?: of \d+)?\)$/, ''));
}

function oneLine(text: string): string {
  return safeText(text).replace(/\s+/g, ' ');
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}

type Level = keyof AttemptLogger;

const LEVELS: Readonly<Record<AttemptEvent['type'], Level>> = {
  start: 'debug',
  response: 'debug',
  value: 'debug',
  hold: 'info',
  hedge: 'info',
  success: 'info',
  cancel: 'info',
  retry: 'warn',
  failure: 'error',
};

/** The fields that some events have. */
type EventFields = Partial<Pick<AttemptFields, 'elapsed' | 'total' | 'delay' | 'gate' | 'reason' | 'url'>>;

/** Says in one line what happened. */
function toLine(event: AttemptEvent<unknown, HttpAttempt>): string {
  const { attempt } = event;
  const of = attempt.of === Infinity ? '' : `/${attempt.of}`;
  const line = `[${attempt.requestId}] ${attempt.method} ${oneLine(attempt.url)} #${attempt.number}${of}`;
  switch (event.type) {
    case 'hold':
      return `${line} is held by ${event.gate}`;
    case 'hedge':
      return `${line} is sent again after ${ms(event.elapsed)}, to ${oneLine(event.url)}`;
    case 'response':
      return `${line} answered ${event.response.status} after ${ms(event.elapsed)}`;
    case 'start':
      return `${line} starts`;
    case 'value':
      return `${line} emits after ${ms(event.elapsed)}`;
    case 'retry':
      return `${line} failed after ${ms(event.elapsed)}: ${describeOutcome(event.outcome)}; next in ${ms(event.delay)}`;
    case 'success':
      return `${line} succeeded after ${ms(event.elapsed)}`;
    case 'failure':
      return `${line} failed for good (${event.reason}: ${describeReason(event.reason)}) after ${ms(event.elapsed)}: ${describeOutcome(event.outcome)}`;
    case 'cancel':
      return `${line} cancelled after ${ms(event.elapsed)}`;
    default:
      return assertNever(event);
  }
}

function statusOf(outcome: Outcome): number | undefined {
  try {
    return outcome.response?.status ?? httpOf(outcome)?.status;
  } catch {
    // A getter of a foreign error can throw.
    return undefined;
  }
}

/**
 * @param status - that of the attempt's response
 * @returns the fields that the event has
 */
function toFields(event: AttemptEvent<unknown, HttpAttempt>, status: number | undefined): AttemptFields {
  const { requestId, client, method, url, number, of } = event.attempt;
  const { elapsed, total, delay, gate, reason, url: sentTo = url } = event as Partial<EventFields>;
  const fields = {
    event: event.type,
    requestId,
    client,
    method,
    url: sentTo,
    attempt: number,
    // JSON has no Infinity.
    of: of === Infinity ? undefined : of,
    status,
    reason,
    elapsed,
    total,
    delay,
    gate,
  };
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as unknown as AttemptFields;
}

/**
 * Returns an observer for `attempts$` that writes one line per event: starts, responses and values to `debug`, holds,
 * hedges, successes and cancellations to `info`, retries to `warn`, failures to `error`. No line contains headers,
 * bodies, or the user and password of a URL.
 *
 * @param logger - `console`, or any logger with these four methods
 * @throws TypeError for a logger without one of them
 *
 * @example
 * ```ts
 * import { logAttempts, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient();
 * client.attempts$.subscribe(logAttempts(console));
 * ```
 */
export function logAttempts(logger: AttemptLogger, options?: { readonly structured?: false }): AttemptObserver;
/**
 * Returns an observer for `attempts$` that logs each event as fields and a line, in the form of pino: `logger.info({
 * event: 'success', attempt: 2, … }, 'GET …')`. A field that an event has not is left out; times are in ms.
 *
 * @param logger - pino, or any logger whose four methods take fields and a message
 * @param options - with `structured: true`
 * @throws TypeError for a logger without one of the methods, or for an unknown option
 *
 * @example
 * ```ts no-run: needs pino
 * import { logAttempts, RetryClient, type StructuredLogger } from 'rxjs-retry-client';
 *
 * declare const pino: StructuredLogger;
 *
 * export const client = new RetryClient({ name: 'billing' });
 * client.attempts$.subscribe(logAttempts(pino, { structured: true }));
 * ```
 */
export function logAttempts(logger: StructuredLogger, options: { readonly structured: true }): AttemptObserver;
export function logAttempts(
  logger: AttemptLogger | StructuredLogger,
  options: { readonly structured?: boolean } = {},
): AttemptObserver {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    check(`logger.${level}`, (logger as Partial<AttemptLogger> | undefined)?.[level], FUNCTION);
  }
  checkKnownOptions(options, { structured: BOOLEAN });
  if (!options.structured) {
    return {
      next(event) {
        (logger as AttemptLogger)[LEVELS[event.type]](toLine(event));
      },
    };
  }
  /** The status of the last response, by request. */
  const statuses = new Map<string, number>();
  return {
    next(event) {
      const { requestId } = event.attempt;
      if (event.type === 'start' || event.type === 'hold') statuses.delete(requestId);
      else if (event.type === 'response') statuses.set(requestId, event.response.status);
      const status = statuses.get(requestId) ?? ('outcome' in event ? statusOf(event.outcome) : undefined);
      if ('total' in event) statuses.delete(requestId);
      (logger as StructuredLogger)[LEVELS[event.type]](toFields(event, status), toLine(event));
    },
  };
}
