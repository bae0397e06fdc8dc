import { isWebStream } from '../http/stream-body.js';
import { tryParseUrl } from '../http/url.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { isCancellation } from '../util/error-name.js';
import { isInstance, readProperty } from '../util/foreign-object.js';
import { HttpNetworkError } from './http-network-error.js';
import { isHttpError } from './is-http-error.js';
import { readNetworkFailure } from './network-failure.js';

/**
 * Whether a TypeError is about the arguments of fetch and not about the network: fetch throws the same class for both.
 */
function isInvalidFetchArgument(error: unknown, url: string, init: RequestInit): boolean {
  // Outside browsers a network failure has a cause. This check follows the rejection, since another transport may send
  // what fetch refuses.
  if (!isInstance(error, TypeError) || readProperty(error, 'cause') !== undefined || typeof Request !== 'function') {
    return false;
  }
  try {
    new Request(url, { ...init, body: init.body === undefined || init.body === null ? null : '', signal: null });
    return false;
  } catch {
    return true;
  }
}

/**
 * Converts a transport's rejection. A TypeError of fetch, an error with a code of the network, and an error with the
 * field `sent` or `permanent` become an {@link HttpNetworkError}. Every other error stays as it is: an abort, an
 * invalid argument, an error of the transport's own.
 */
export function toSendError(error: unknown, attempt: HttpAttempt, url: string, init: RequestInit): unknown {
  if (isCancellation(error) || isHttpError(error)) return error;
  if (!/^(?:https?|data|blob|about):/.test(tryParseUrl(url)?.href ?? '')) {
    // Without a cause: the platform's error quotes the URL, which may contain a password.
    return new HttpNetworkError({
      attempt,
      summary: 'the URL cannot be fetched',
      phase: 'connect',
      sent: false,
      permanent: true,
    });
  }
  if (isInvalidFetchArgument(error, url, init)) return error;
  const { isNetwork, ...failure } = readNetworkFailure(
    error,
    url,
    (init.redirect ?? 'follow') === 'follow',
    isWebStream(init.body),
  );
  return isNetwork ? new HttpNetworkError({ attempt, ...failure }) : error;
}

/** Converts the error of a body that broke off. */
export function toBodyError(error: unknown, attempt: HttpAttempt): HttpNetworkError {
  const { summary, permanent, cause } = readNetworkFailure(error, attempt.url, true);
  return new HttpNetworkError({ attempt, cause, summary, permanent, phase: 'body' });
}
