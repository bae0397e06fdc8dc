import { isCancellation, isNamed } from '../util/error-name.js';
import { httpOf, type Outcome } from './outcome.js';
import type { ResolvedStrategy } from './strategy.js';

/** What is to be done about an outcome: it stands as it is, it is retried, or it is not, because of its method. */
export type Decision = 'accept' | 'retry' | 'method';

/**
 * Judges an outcome.
 *
 * @param override - what `shouldRetry` said of it
 * @param isRepeatable - whether the request may be received twice
 */
export function decideRetry(
  strategy: ResolvedStrategy,
  outcome: Outcome,
  override: boolean | undefined,
  isRepeatable = true,
): Decision {
  const error = outcome.kind === 'error' ? outcome.error : undefined;
  // The marks that a failed send bears, whichever copy of this package made the error.
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
    // A status of 0 is a network error, unless the response is hidden from us on purpose (mode no-cors, redirect manual).
    return status === 0 && !String(outcome.response?.type).startsWith('opaque');
  };
  if (!(override ?? isRetryable())) return 'accept';
  return override || isRepeatable || sent === false ? 'retry' : 'method';
}
