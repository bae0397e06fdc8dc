import { Logger } from '@nestjs/common';

import { type AttemptLogger, type AttemptObserver, logAttempts } from '../retry/log-attempts.js';
import { LOG_LEVELS, type RetryLogLevel } from './module-options.js';

/**
 * Returns an observer for `attempts$` that writes to Nest's `Logger`, in the context of the attempt's client. The
 * static methods are called each time, so that `app.useLogger()` and buffered logs work.
 *
 * @param least - the least important level that is written
 */
export function logToNest(least: RetryLogLevel): AttemptObserver {
  let context = '';
  let isIntended = false;
  const at = (level: RetryLogLevel) => (message: string) => {
    // That a caller has left, or the application stops, is no error.
    const actual = isIntended ? 'log' : level;
    if (LOG_LEVELS.indexOf(actual) >= LOG_LEVELS.indexOf(least)) Logger[actual](message, context);
  };
  const logger: AttemptLogger = { debug: at('debug'), info: at('log'), warn: at('warn'), error: at('error') };
  const observer = logAttempts(logger);
  return {
    next(event) {
      const { client } = event.attempt;
      context = client === undefined ? 'RetryClient' : `RetryClient:${client}`;
      isIntended = event.type === 'failure' && (event.reason === 'aborted' || event.reason === 'closed');
      observer.next(event);
    },
  };
}
