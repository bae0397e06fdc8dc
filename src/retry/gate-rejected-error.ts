import { readProperty } from '../util/foreign-object.js';
import { safeText } from '../util/safe-text.js';
import type { Attempt } from './attempt.js';

/** The details of a {@link GateRejectedError}. */
export interface GateRejectedErrorDetails {
  /** The name of the gate. */
  readonly gate: string;
  /** The attempt that was not let in. */
  readonly attempt: Attempt;
  /** How long the gate is expected to reject, in ms. */
  readonly retryAfter?: number | undefined;
  /** The gate's own error. */
  readonly cause?: unknown;
}

/** The method and the URL of an HTTP attempt. */
function requestOf(attempt: Attempt): { readonly method: string; readonly url: string } | undefined {
  const { method, url } = attempt as Partial<Record<'method' | 'url', string>>;
  return method === undefined || url === undefined ? undefined : { method, url };
}

/**
 * A gate let no attempt in: nothing was sent, since the request began or since its last retry was planned.
 *
 * `isHttpError` is true of it for an HTTP request, in the client and in Angular. In the bare operator it has no
 * `request`.
 *
 * @example
 * ```ts
 * import { catchError, of } from 'rxjs';
 * import { circuitBreaker, GateRejectedError, RetryClient } from 'rxjs-retry-client';
 *
 * const client = new RetryClient({ strategy: { gates: [circuitBreaker()] } });
 * export const price$ = client.getJSON<number>('https://api.example.com/price').pipe(
 *   catchError((error: unknown) => {
 *     if (error instanceof GateRejectedError) return of(undefined);
 *     throw error;
 *   }),
 * );
 * ```
 */
export class GateRejectedError extends Error {
  override readonly name = 'GateRejectedError';
  /** Why no further attempt was made. */
  readonly reason = 'rejected';
  /** The name of the gate. */
  readonly gate: string;
  /** How long the gate is expected to reject, in ms; absent if it does not know. */
  declare readonly retryAfter?: number;
  readonly #attempt: Attempt;

  constructor({ gate, attempt, retryAfter, cause }: GateRejectedErrorDetails) {
    const request = requestOf(attempt);
    const because: unknown = readProperty(cause, 'message');
    super(
      safeText(
        `${request ? `${request.method} ${request.url.slice(0, 300)}: ` : ''}rejected by the gate "${gate}"` +
          (typeof because === 'string' && because !== '' ? `: ${because.slice(0, 300)}` : '') +
          ` (attempt ${attempt.number}${attempt.of === Infinity ? '' : ` of ${attempt.of}`})`,
      ),
      cause === undefined ? undefined : { cause },
    );
    this.gate = gate;
    // A field that is undefined, or a wait without an end, would say nothing, in a log or in JSON.
    if (retryAfter !== undefined && retryAfter < Infinity) this.retryAfter = retryAfter;
    this.#attempt = attempt;
  }

  /** The attempt that was not let in. */
  get attempt(): Attempt {
    return this.#attempt;
  }

  /** The method, and the URL without user and password; `undefined` in the bare operator. */
  get request(): { readonly method: string; readonly url: string } | undefined {
    return requestOf(this.#attempt);
  }

  /** Returns the facts for a log. */
  toJSON(): object {
    const { name, message, reason, gate, retryAfter, request } = this;
    const { number, of, requestId } = this.#attempt;
    return { name, message, reason, gate, retryAfter, request, attempt: { number, of, requestId } };
  }
}
