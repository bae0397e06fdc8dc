import { assertNever } from '../util/assert-never.js';
import { check, FUNCTION, describeValue } from '../util/option-rule.js';
import { safeText } from '../util/safe-text.js';
import type { AttemptEvent, HttpAttempt } from './attempt.js';
import { describeReason } from './failure-reason.js';
import { type Outcome, httpOf } from './outcome.js';

/** A logger: `console`, or an object with the same four methods. */
export interface AttemptLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
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

/**
 * Returns an observer for `attempts$` that writes one line per event: starts and values to `debug`, successes and
 * cancellations to `info`, retries to `warn`, failures to `error`. No line contains headers, bodies, or the user and
 * password of a URL.
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
export function logAttempts(logger: AttemptLogger): AttemptObserver {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    check(`logger.${level}`, (logger as Partial<AttemptLogger> | undefined)?.[level], FUNCTION);
  }
  return {
    next(event) {
      const { attempt } = event;
      const of = attempt.of === Infinity ? '' : `/${attempt.of}`;
      const line = `[${attempt.requestId}] ${attempt.method} ${oneLine(attempt.url)} #${attempt.number}${of}`;
      switch (event.type) {
        case 'hold':
          logger.info(`${line} is held by ${event.gate}`);
          break;
        case 'hedge':
          logger.info(`${line} is sent again after ${ms(event.elapsed)}, to ${oneLine(event.url)}`);
          break;
        case 'response':
          logger.debug(`${line} answered ${event.response.status} after ${ms(event.elapsed)}`);
          break;
        case 'start':
          logger.debug(`${line} starts`);
          break;
        case 'value':
          logger.debug(`${line} emits after ${ms(event.elapsed)}`);
          break;
        case 'retry':
          logger.warn(
            `${line} failed after ${ms(event.elapsed)}: ${describeOutcome(event.outcome)}; next in ${ms(event.delay)}`,
          );
          break;
        case 'success':
          logger.info(`${line} succeeded after ${ms(event.elapsed)}`);
          break;
        case 'failure':
          logger.error(
            `${line} failed for good (${event.reason}: ${describeReason(event.reason)}) after ${ms(event.elapsed)}: ${describeOutcome(event.outcome)}`,
          );
          break;
        case 'cancel':
          logger.info(`${line} cancelled after ${ms(event.elapsed)}`);
          break;
        default:
          assertNever(event);
      }
    },
  };
}
