import { check, FUNCTION, describeValue } from '../util/option-rule.js';
import { safeText } from '../util/safe-text.js';
import type { AttemptEvent, HttpAttempt } from './attempt.js';
import { describeReason } from './failure-reason.js';
import { type Outcome, httpOf } from './outcome.js';

/** Where to write: `console`, or a logger of the same shape. */
export interface AttemptLogger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What can be subscribed to `attempts$`. */
export interface AttemptLog {
  next(event: AttemptEvent<unknown, HttpAttempt>): void;
}

function say(outcome: Outcome): string {
  try {
    return describe(outcome);
  } catch {
    return 'an error that throws when it is looked at';
  }
}

function describe(outcome: Outcome): string {
  const error: unknown = outcome.kind === 'error' ? outcome.error : undefined;
  if (error instanceof Error) return briefly(error);
  const status = httpOf(outcome)?.status;
  if (status) return String(status);
  if (status === undefined) return outcome.kind === 'error' ? oneLine(describeValue(error)) : 'a value to retry';
  // Angular's errors are no Errors; where nothing was answered, they hold what was thrown.
  const beneath = (error as { readonly error?: unknown } | undefined)?.error;
  return beneath instanceof Error ? briefly(beneath) : 'no answer';
}

/** The client's own errors repeat method, URL and attempt, which stand at the line's head already. */
function briefly({ message }: Error): string {
  return oneLine(message.replace(/^[A-Z]+ \S+: /, '').replace(/ \(attempt \d+(?: of \d+)?\)$/, ''));
}

function oneLine(text: string): string {
  return safeText(text).replace(/\s+/g, ' ');
}

function ms(time: number): string {
  return `${Math.round(time)} ms`;
}

/**
 * An observer for `attempts$` that writes a line for each event: starts and values to `debug`, successes and cancellations to `info`,
 * retries to `warn`, failures to `error`. No line has headers or bodies in it, nor a URL's user and password.
 *
 * @param logger - `console`, or any logger with these four methods
 * @throws TypeError for a logger that lacks one of them
 *
 * @example
 * ```ts
 * import { logAttempts, RetryClient } from 'rxjs-retry-client';
 *
 * const client = new RetryClient();
 * client.attempts$.subscribe(logAttempts(console));
 * ```
 */
export function logAttempts(logger: AttemptLogger): AttemptLog {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    check(`logger.${level}`, (logger as Partial<AttemptLogger> | undefined)?.[level], FUNCTION);
  }
  return {
    next(event) {
      const { attempt } = event;
      const of = attempt.of === Infinity ? '' : `/${attempt.of}`;
      const line = `[${attempt.requestId}] ${attempt.method} ${oneLine(attempt.url)} #${attempt.number}${of}`;
      switch (event.type) {
        case 'start':
          logger.debug(`${line} starts`);
          break;
        case 'value':
          logger.debug(`${line} emits after ${ms(event.elapsed)}`);
          break;
        case 'retry':
          logger.warn(`${line} failed after ${ms(event.elapsed)}: ${say(event.outcome)}; next in ${ms(event.delay)}`);
          break;
        case 'success':
          logger.info(`${line} succeeded after ${ms(event.elapsed)}`);
          break;
        case 'failure':
          logger.error(
            `${line} failed for good (${event.reason}: ${describeReason(event.reason)}) after ${ms(event.elapsed)}: ${say(event.outcome)}`,
          );
          break;
        case 'cancel':
          logger.info(`${line} cancelled after ${ms(event.elapsed)}`);
          break;
      }
    },
  };
}
