import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { safeText } from '../../util/safe-text.js';
import { timeWords } from '../format.js';
import { outcomeWords, reasonWords, valueWords } from './describe-outcome.js';

type Event = AttemptEvent<unknown, HttpAttempt>;

/**
 * Tells the attempts in plain lines, one as each attempt ends, for logs and pipes.
 *
 * ```
 * 1/3 GET http://127.0.0.1:4101/report: 503 (12 ms), next in 1.0 s
 * 2/3 GET http://127.0.0.1:4102/report: 200, 1.2 kB (290 ms)
 * ```
 *
 * @returns A function from an event to its line, or to nothing for those that end no attempt.
 */
export function eventLines(): (event: Event) => string | undefined {
  // The last attempt of each request that goes on: what it handed on, and whether it has ended and the request waits.
  const open = new Map<string, { value?: string; waits?: true }>();
  return (event) => {
    const { attempt } = event;
    const known = open.get(attempt.requestId);
    const head = `${attempt.number}/${attempt.of === Infinity ? '∞' : attempt.of} ${safeText(`${attempt.method} ${attempt.url}`)}: `;
    switch (event.type) {
      case 'start':
        open.set(attempt.requestId, {});
        return undefined;
      case 'value':
        open.set(attempt.requestId, { value: valueWords(event.value) });
        return undefined;
      case 'retry':
        open.set(attempt.requestId, { waits: true });
        return `${head}${outcomeWords(event.outcome)} (${timeWords(event.elapsed)}), next in ${timeWords(event.delay)}`;
      case 'success':
        open.delete(attempt.requestId);
        return `${head}${known?.value ?? 'ok'} (${timeWords(event.elapsed)})`;
      case 'failure':
        open.delete(attempt.requestId);
        if (known?.waits === true) return `${head}gave up in the wait: ${reasonWords(event.reason)}`;
        return `${head}${outcomeWords(event.outcome)} (${timeWords(event.elapsed)}), gave up: ${reasonWords(event.reason)}`;
      case 'cancel':
        open.delete(attempt.requestId);
        if (known?.waits === true) return `${head}cancelled in the wait`;
        return `${head}${known?.value === undefined ? '' : `${known.value}, `}cancelled (${timeWords(event.elapsed)})`;
    }
  };
}
