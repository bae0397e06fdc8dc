import { from, type Subscription, take } from 'rxjs';

import type { Outcome } from './attempt.js';
import { wrongType } from './check.js';
import type { Policy } from './strategy.js';

/** What `shouldRetry` may say of an outcome. */
export type Answer = boolean | undefined;

function check(answer: unknown): Answer {
  if (answer === undefined || answer === null) return undefined;
  if (typeof answer !== 'boolean') throw wrongType('what strategy.shouldRetry returns', answer, 'true, false, undefined, or an ObservableInput of these');
  return answer;
}

/**
 * Asks `shouldRetry` about an outcome. It answers at once, or later: then the subscription to cancel it by is returned.
 *
 * @param onAnswer - gets the answer, once
 * @param onError - gets the error of a `shouldRetry` that throws, errors, or says something else
 */
export function ask(
  shouldRetry: NonNullable<Policy['shouldRetry']>,
  outcome: Outcome,
  onAnswer: (answer: Answer) => void,
  onError: (error: unknown) => void,
): Subscription | undefined {
  let answer: unknown;
  const settle = (): void => {
    let checked: Answer;
    try {
      checked = check(answer);
    } catch (error) {
      onError(error);
      return;
    }
    onAnswer(checked);
  };
  try {
    const given = shouldRetry(outcome);
    if (typeof given === 'object' && (given as object | null) !== null) {
      return from(given).pipe(take(1)).subscribe({ next: (first) => (answer = first), error: onError, complete: settle });
    }
    answer = given;
  } catch (error) {
    onError(error);
    return undefined;
  }
  settle();
  return undefined;
}
