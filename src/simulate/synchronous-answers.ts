import { from, take } from 'rxjs';

import type { Outcome } from '../retry/outcome.js';
import type { RetryStrategy } from '../retry/strategy.js';
import { invalidOptionMessage } from '../util/option-rule.js';

/**
 * Returns the strategy, with a `shouldRetry` that must answer synchronously: virtual time does not pass for a promise,
 * and the request would never end.
 *
 * @param name - of the function, in errors
 * @param onFault - is called with a TypeError if it does not
 */
export function withSynchronousAnswers(
  name: string,
  strategy: RetryStrategy,
  onFault: (error: unknown) => void,
): RetryStrategy {
  const { shouldRetry } = strategy;
  if (typeof shouldRetry !== 'function') return strategy;
  return {
    ...strategy,
    shouldRetry: (outcome: Outcome) => {
      const answer = shouldRetry(outcome);
      // A client takes null for no answer, too.
      if (typeof answer !== 'object' || (answer as unknown) === null) return answer;
      const answers: (() => boolean | undefined)[] = [];
      from(answer)
        .pipe(take(1))
        .subscribe({
          next: (value) => answers.push(() => value),
          error: (error: unknown) =>
            answers.push(() => {
              throw error;
            }),
          complete: () => answers.push(() => undefined),
        })
        .unsubscribe();
      const [first] = answers;
      if (!first) {
        onFault(
          new TypeError(
            invalidOptionMessage(
              `what ${name} returns in a simulation`,
              answer,
              'true, false, undefined, or a source that emits one of these synchronously',
            ),
          ),
        );
      }
      return first?.();
    },
  };
}
