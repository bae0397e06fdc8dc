import { httpOf, type Outcome } from '../../retry/outcome.js';
import { isServerFailure } from '../attempt-outcomes.js';

/** Too many requests, and the statuses by which a gateway says that its server is down, overloaded or too slow. */
const DROPPED_STATUSES: readonly number[] = [429, 502, 503, 504];

/**
 * Whether an attempt failed because of too much load, as far as a client can tell: by a network error, a timeout, or a
 * status of 429, 502, 503 or 504. Returns `undefined` if its outcome says nothing about load: another status of 400 or
 * above, or an error of the consumer's own code.
 *
 * Netflix's client interceptor for gRPC decides so, too: OK is a success, UNAVAILABLE a drop, all else is ignored. gRPC
 * maps these four statuses to UNAVAILABLE.
 *
 * @see {@link https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md | gRPC's table of statuses}
 */
export function wasDropped(outcome: Outcome): boolean | undefined {
  const status = httpOf(outcome)?.status;
  if (status) return status < 400 ? false : DROPPED_STATUSES.includes(status) || undefined;
  if (isServerFailure(outcome)) return true;
  return outcome.kind === 'error' ? undefined : false;
}
