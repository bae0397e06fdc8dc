import { readProperty } from '../util/foreign-object.js';
import { HttpError, type HttpErrorDetails } from './http-error.js';

/** How far a request had come when its connection failed. */
export type NetworkPhase = 'connect' | 'headers' | 'body';

/** What an {@link HttpNetworkError} is made from. */
export interface HttpNetworkErrorDetails extends HttpErrorDetails {
  /** What happened, in a few words; by default the message of the cause. */
  readonly summary?: string | undefined;
  readonly phase?: NetworkPhase | undefined;
  readonly sent?: false | undefined;
  readonly permanent?: true | undefined;
}

function messageOf(cause: unknown): string {
  const message = readProperty(cause, 'message');
  return typeof message === 'string' && message !== '' ? message : 'the network failed';
}

/**
 * No answer came, or its body broke off: the name was not resolved, the connection refused, cut or reset, the certificate or URL wrong.
 *
 * @example An interceptor that puts a service out of reach, for a spec.
 * ```ts
 * import { throwError } from 'rxjs';
 * import { HttpNetworkError, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({
 *   interceptors: [({ attempt }) => throwError(() => new HttpNetworkError({ attempt, phase: 'connect', sent: false }))],
 * });
 * ```
 */
export class HttpNetworkError extends HttpError {
  override readonly name = 'HttpNetworkError';
  /** How far it had come, as far as the platform tells: browsers do not tell connect from headers. */
  declare readonly phase?: NetworkPhase;
  /** `false` only where it is certain that the request never left, so that even a POST may be sent again. */
  declare readonly sent?: false;
  /** Set where the same URL would fail in the same way again: its certificate is wrong, or it is no URL that can be fetched. */
  declare readonly permanent?: true;

  constructor({ summary, phase, sent, permanent, ...details }: HttpNetworkErrorDetails) {
    // OpenSSL ends its messages with a line break.
    super(`${(summary ?? messageOf(details.cause)).trim()}${phase ? `, in phase ${phase}` : ''}`, details);
    if (phase) this.phase = phase;
    if (sent === false) this.sent = sent;
    if (permanent) this.permanent = permanent;
  }
}
