import type { FailureReason, HttpAttempt } from '../retry/attempt.js';
import { describeReason } from '../retry/failure-reason.js';
import { describeValue } from '../util/option-rule.js';
import { safeText } from '../util/safe-text.js';

/** The details of an {@link HttpError}. */
export interface HttpErrorDetails {
  /** The attempt that failed last. */
  readonly attempt: HttpAttempt;
  /** The error that caused this one, if there is one. */
  readonly cause?: unknown;
}

/** The longest URL or foreign message within a message, in characters: a `data:` URL may hold a whole file. */
const MAX_TEXT_LENGTH = 300;

function shorten(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
}

/** Describes a cause. It is a foreign object, and reading it may throw. */
function describeCause(cause: unknown): string {
  try {
    return cause instanceof Error ? String(cause) : describeValue(cause);
  } catch {
    return 'an error that cannot be read';
  }
}

/** `attempt 2 of 3`, or `attempt 2` if the number of attempts is unlimited. */
function describeAttempt({ number, of }: HttpAttempt): string {
  return `attempt ${number}${of === Infinity ? '' : ` of ${of}`}`;
}

let assignReason: (error: HttpError, attempt: HttpAttempt, reason: FailureReason) => void;

/**
 * The base class of the errors of a request: {@link HttpStatusError}, {@link HttpNetworkError},
 * {@link HttpTimeoutError}, {@link HttpParseError} and {@link HttpValidationError}. Distinguish them by `name`, after
 * {@link isHttpError}.
 *
 * The message names the method, the URL without user and password, the failure and the attempt. Large or private parts
 * (the response, the context) appear neither in printed errors nor in JSON.
 *
 * The code that detects a failure creates the error, for one attempt. It does not change, except that the request that
 * gives up sets `reason` once.
 */
export abstract class HttpError extends Error {
  abstract override readonly name:
    'HttpStatusError' | 'HttpNetworkError' | 'HttpTimeoutError' | 'HttpParseError' | 'HttpValidationError';
  readonly #attempt: HttpAttempt;
  #reason: FailureReason | undefined;

  static {
    assignReason = (error, attempt, reason) => {
      if (#reason in error && error.#attempt === attempt) error.#reason ??= reason;
    };
  }

  constructor(summary: string, { attempt, ...rest }: HttpErrorDetails) {
    const message = safeText(
      `${attempt.method} ${shorten(attempt.url)}: ${shorten(summary)} (${describeAttempt(attempt)})`,
    );
    super(message, 'cause' in rest ? { cause: rest.cause } : undefined);
    this.#attempt = attempt;
  }

  /** The attempt that failed last. */
  get attempt(): HttpAttempt {
    return this.#attempt;
  }

  /** The method, and the URL without user and password. */
  get request(): { readonly method: string; readonly url: string } {
    const { method, url } = this.#attempt;
    return { method, url };
  }

  /**
   * Why no further attempt was made. It is absent if the request went on, or if the error was created for another
   * attempt.
   */
  get reason(): FailureReason | undefined {
    return this.#reason;
  }

  /** Returns the name, the message, and why no further attempt was made. */
  override toString(): string {
    return `${super.toString()}${this.#reason ? `: ${describeReason(this.#reason)}` : ''}`;
  }

  /** Returns the facts for a log; of the cause only its message. */
  toJSON(): object {
    const { name, message, cause } = this;
    const { method, url, number, of, requestId } = this.#attempt;
    const reason = this.#reason;
    return {
      ...Object.fromEntries(Object.entries(this)),
      name,
      message,
      ...(reason && { reason, gaveUp: describeReason(reason) }),
      request: { method, url: shorten(url) },
      attempt: { number, of, requestId },
      ...(cause === undefined ? {} : { cause: safeText(shorten(describeCause(cause))) }),
    };
  }
}

/**
 * Sets the reason why no further attempt was made, once, if the error is an HttpError that was created for this
 * attempt.
 */
export function setReason(error: unknown, attempt: HttpAttempt, reason: FailureReason): void {
  if (error instanceof HttpError) assignReason(error, attempt, reason);
}
