import { from, map, type Observable } from 'rxjs';

import { isHttpLike } from '../http/http-like.js';
import type { AttemptRequest, Interceptor } from '../transports/interceptor.js';
import { invalidOptionMessage } from '../util/option-rule.js';

/**
 * Asks an interceptor for its answer. What is no answer is refused by the interceptor's place and name: a forgotten `return` is otherwise
 * found nowhere, since RxJS names neither.
 */
export function callInterceptor(
  interceptor: Interceptor,
  index: number,
  request: AttemptRequest,
  next: (request: AttemptRequest) => Observable<Response>,
): Observable<Response> {
  const refuse = (does: string, value: unknown, expected: string): never => {
    throw new TypeError(
      invalidOptionMessage(
        `what interceptors[${index}]${interceptor.name && ` (${interceptor.name})`} ${does}`,
        value,
        expected,
      ),
    );
  };
  const given = interceptor(request, next);
  let answers: Observable<Response>;
  try {
    answers = from(given);
  } catch {
    return refuse('returns', given, 'an Observable of a Response');
  }
  return answers.pipe(map((response) => (isHttpLike(response) ? response : refuse('emits', response, 'a Response'))));
}
