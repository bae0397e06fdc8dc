import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { assertNever } from '../../util/assert-never.js';
import { safeText } from '../../util/safe-text.js';
import { formatDuration } from '../format.js';
import { describeAcceptedValue, describeFailureReason, describeOutcome } from './describe-outcome.js';

type Event = AttemptEvent<unknown, HttpAttempt>;

/**
 * Returns a formatter for logs and pipes: it formats the event that ends an attempt as a line.
 *
 * ```
 * 1/3 GET http://127.0.0.1:4101/report: 503 (12 ms), next in 1.0 s
 * 2/3 GET http://127.0.0.1:4102/report: 200, 1.2 kB (290 ms)
 * ```
 *
 * @returns A function that returns the line of an event, or `undefined` if the event does not end an attempt.
 */
export function eventLineFormatter(): (event: Event) => string | undefined {
  // The current attempt of each running request: the value it emitted, or that the request waits for the next attempt.
  const running = new Map<string, { value?: string; isWaiting?: true }>();
  return (event) => {
    const { attempt } = event;
    const state = running.get(attempt.requestId);
    const target = safeText(`${attempt.method} ${attempt.url}`);
    const prefix = `${attempt.number}/${attempt.of === Infinity ? '∞' : attempt.of} ${target}: `;
    const elapsed = 'elapsed' in event ? formatDuration(event.elapsed) : '';
    switch (event.type) {
      case 'start':
        running.set(attempt.requestId, {});
        return undefined;
      case 'hold':
      case 'hedge':
      case 'response':
        return undefined;
      case 'value':
        running.set(attempt.requestId, { value: describeAcceptedValue(event.value) });
        return undefined;
      case 'retry':
        running.set(attempt.requestId, { isWaiting: true });
        return `${prefix}${describeOutcome(event.outcome)} (${elapsed}), next in ${formatDuration(event.delay)}`;
      case 'success':
        running.delete(attempt.requestId);
        return `${prefix}${state?.value ?? 'ok'} (${elapsed})`;
      case 'failure': {
        running.delete(attempt.requestId);
        const reason = describeFailureReason(event.reason);
        if (state?.isWaiting === true) return `${prefix}gave up during the wait: ${reason}`;
        return `${prefix}${describeOutcome(event.outcome)} (${elapsed}), gave up: ${reason}`;
      }
      case 'cancel':
        running.delete(attempt.requestId);
        if (state?.isWaiting === true) return `${prefix}cancelled during the wait`;
        return `${prefix}${state?.value === undefined ? '' : `${state.value}, `}cancelled (${elapsed})`;
      default:
        return assertNever(event);
    }
  };
}
