import { readProperty } from '../util/foreign-object.js';
import { HttpError, type HttpErrorDetails } from './http-error.js';

/** The phase of a request in which its connection failed. */
export type NetworkPhase = 'connect' | 'headers' | 'body';

/** The details of an {@link HttpNetworkError}. */
export interface HttpNetworkErrorDetails extends HttpErrorDetails {
  /** The failure in a few words. @default the message of the cause */
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
 * No response arrived, or its body broke off. For example, the name was not resolved, the connection was refused or
 * reset, or the certificate was rejected.
 *
 * @example An interceptor that makes a service unreachable, for a spec.
 * ```ts fails: the network failed, in phase connect
 * import { throwError } from 'rxjs';
 * import { HttpNetworkError, RetryClient } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({
 *   interceptors: [
 *     ({ attempt }) => throwError(() => new HttpNetworkError({ attempt, phase: 'connect', sent: false })),
 *   ],
 * });
 * ```
 */
export class HttpNetworkError extends HttpError {
  override readonly name = 'HttpNetworkError';
  /** The phase, if the platform reports it: browsers report neither `connect` nor `headers`. */
  declare readonly phase?: NetworkPhase;
  /** `false` only if it is certain that the request was not sent, so that even a POST can be sent again. */
  declare readonly sent?: false;
  /** `true` if the same URL would fail again: its certificate was rejected, or it cannot be fetched. */
  declare readonly permanent?: true;

  constructor({ summary, phase, sent, permanent, ...details }: HttpNetworkErrorDetails) {
    // OpenSSL ends its messages with a line break.
    super(`${(summary ?? messageOf(details.cause)).trim()}${phase ? `, in phase ${phase}` : ''}`, details);
    if (phase) this.phase = phase;
    if (sent === false) this.sent = sent;
    if (permanent) this.permanent = permanent;
  }
}
