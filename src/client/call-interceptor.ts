import { from, map, type Observable } from 'rxjs';

import { isHttpLike } from '../http/http-like.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { invalidOptionMessage } from '../util/option-rule.js';
import type { HookedInterceptor, InterceptorExchange } from './interceptor-hooks.js';

/**
 * Calls an interceptor. A result that is no Observable of a Response is an error that names the interceptor: RxJS would
 * not, so that a forgotten `return` could hardly be found.
 */
export function callInterceptor(
  interceptor: HookedInterceptor,
  index: number,
  request: AttemptRequest,
  next: (request: AttemptRequest) => Observable<Response>,
  exchange: InterceptorExchange,
): Observable<Response> {
  const fail = (verb: string, value: unknown, expected: string): never => {
    throw new TypeError(
      invalidOptionMessage(
        `what interceptors[${index}]${interceptor.name && ` (${interceptor.name})`} ${verb}`,
        value,
        expected,
      ),
    );
  };
  const result = interceptor(request, next, exchange);
  let responses: Observable<Response>;
  try {
    responses = from(result);
  } catch {
    return fail('returns', result, 'an Observable of a Response');
  }
  return responses.pipe(map((response) => (isHttpLike(response) ? response : fail('emits', response, 'a Response'))));
}
