import { isCancellation, isNamed } from '../util/error-name.js';
import type { FailureReason } from './attempt.js';
import { httpOf, type Outcome } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

/**
 * What follows an outcome: it is retried; it is final for a reason; or it is accepted as it is, so that a value is
 * emitted and an error is final.
 */
export type Decision = 'accept' | 'retry' | FailureReason;

/**
 * Whether a request may be received twice: its method is idempotent, or it has an `Idempotency-Key` header.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 | RFC 9110, section 9.2.2}
 */
export function isRepeatable({ methods }: ResolvedStrategy, method: string, hasKey: boolean): boolean {
  return methods.includes(method.toUpperCase()) || hasKey;
}

/**
 * Decides whether an outcome is retried. It depends on its arguments alone. `HttpDelegate.decide` adds what only the
 * client knows: permanent errors of one of several URLs, and calls of an interceptor that may have reached the server.
 *
 * @param override - the answer of `shouldRetry`
 * @param repeatable - whether the request may be received twice
 */
export function decideRetry(
  strategy: ResolvedStrategy,
  outcome: Outcome,
  override: boolean | undefined,
  repeatable = true,
): 'accept' | 'retry' | 'method' {
  const error = outcome.kind === 'error' ? outcome.error : undefined;
  // Known by its name: another copy of this package may have made the error.
  const { sent, permanent }: { readonly sent?: boolean; readonly permanent?: boolean } = isNamed(
    error,
    'HttpNetworkError',
  )
    ? error
    : {};
  const status = httpOf(outcome)?.status;
  const isRetryable = (): boolean => {
    if (status) return strategy.statuses.includes(status) || (strategy.retryAllServerErrors && status >= 500);
    if (outcome.kind === 'error') {
      return !permanent && (strategy.errors?.some((type) => error instanceof type) ?? !isCancellation(error));
    }
    // A status of 0 is a network error, unless fetch hides the response on purpose (mode: no-cors, redirect: manual).
    return status === 0 && !String(outcome.response?.type).startsWith('opaque');
  };
  if (!(override ?? isRetryable())) return 'accept';
  return override || repeatable || sent === false ? 'retry' : 'method';
}
