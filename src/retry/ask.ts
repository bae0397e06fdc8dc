import { defaultIfEmpty, defer, map, type Observable, type ObservableInput, take } from 'rxjs';

import type { Outcome } from './attempt.js';
import { refusal } from '../util/option-rule.js';
import type { Policy } from './strategy.js';

/** What `shouldRetry` may say of an outcome. */
export type Answer = boolean | undefined;

/** Asks `shouldRetry` about an outcome: emits its answer once, at once or later. Errors where it throws, errors, or says something else. */
export function ask(shouldRetry: NonNullable<Policy['shouldRetry']>, outcome: Outcome): Observable<Answer> {
  return defer(() => {
    const given: unknown = shouldRetry(outcome);
    return (typeof given === 'object' && given ? given : [given]) as ObservableInput<unknown>;
  }).pipe(
    take(1),
    defaultIfEmpty(undefined),
    map((answer) => {
      if (typeof (answer ?? true) === 'boolean') return (answer ?? undefined) as Answer;
      throw new TypeError(
        refusal('what strategy.shouldRetry returns', answer, 'true, false, undefined, or an ObservableInput of these'),
      );
    }),
  );
}
