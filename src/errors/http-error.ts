import type { FailureReason, HttpAttempt } from '../retry/attempt.js';
import { describeReason } from '../retry/failure-reason.js';
import { describeValue } from '../util/option-rule.js';
import { safeText } from '../util/safe-text.js';

/** What an error of the client is made from. */
export interface HttpErrorDetails {
  /** The attempt that failed last. */
  readonly attempt: HttpAttempt;
  /** What lies beneath, where something does. */
  readonly cause?: unknown;
}

/** How much of a URL or of another's message goes into a message: a `data:` URL may be a whole file. */
const MAX_TEXT_LENGTH = 300;

function shorten(text: string): string {
  return text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}…` : text;
}

/** What a cause says of itself; it is of others, and may throw when it is asked. */
function describeCause(cause: unknown): string {
  try {
    return cause instanceof Error ? String(cause) : describeValue(cause);
  } catch {
    return 'an error that cannot be read';
  }
}

/** `attempt 2 of 3`, or `attempt 2` where there is no end to them. */
function describeAttempt({ number, of }: HttpAttempt): string {
  return `attempt ${number}${of === Infinity ? '' : ` of ${of}`}`;
}

let assignReason: (error: HttpError, attempt: HttpAttempt, reason: FailureReason) => void;

/**
 * What went wrong with a request: the base of {@link HttpStatusError}, {@link HttpNetworkError}, {@link HttpTimeoutError},
 * {@link HttpParseError} and {@link HttpValidationError}. Tell them apart by their `name`, after {@link isHttpError}.
 *
 * Its message says the method, the URL without user and password, what happened, and in which attempt. What can be large or private (the
 * response, the context) is neither printed nor written as JSON.
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

  constructor(what: string, { attempt, ...rest }: HttpErrorDetails) {
    const message = safeText(
      `${attempt.method} ${shorten(attempt.url)}: ${shorten(what)} (${describeAttempt(attempt)})`,
    );
    super(message, 'cause' in rest ? { cause: rest.cause } : undefined);
    this.#attempt = attempt;
  }

  /** The attempt that failed last. */
  get attempt(): HttpAttempt {
    return this.#attempt;
  }

  /** What was asked for: the method, and the URL without user and password. */
  get request(): { readonly method: string; readonly url: string } {
    const { method, url } = this.#attempt;
    return { method, url };
  }

  /** Why nothing more was tried; absent where the request went on, or the error was not made for its attempt. */
  get reason(): FailureReason | undefined {
    return this.#reason;
  }

  /** Name and message, and why nothing more was tried. */
  override toString(): string {
    return `${super.toString()}${this.#reason ? `: ${describeReason(this.#reason)}` : ''}`;
  }

  /** What a log wants to know, in a few lines; of the cause its message. */
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

/** Says why nothing more was tried after an error, once, if the error is one of this client's and was made for this attempt. */
export function setReason(error: unknown, attempt: HttpAttempt, reason: FailureReason): void {
  if (error instanceof HttpError) assignReason(error, attempt, reason);
}
