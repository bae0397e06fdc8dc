import type { RequestObserver } from '../retry/request-observer.js';
import type { TelemetryOptions } from './options.js';
import { startTelemetry } from './request-telemetry.js';
import { TelemetrySetup } from './telemetry-setup.js';

/**
 * Options of a client that is traced and measured. They are used as they are: what the observer returns also takes part
 * in sending.
 */
export interface TelemetryClientOptions {
  readonly observers: readonly RequestObserver[];
}

/**
 * Returns the options of a client whose requests OpenTelemetry traces and measures, by the semantic conventions for
 * HTTP: a span for each time that an attempt is sent, in a span for the request, whose events are its retries, holds
 * and hedges.
 *
 * The spans include what all interceptors did to the request, and the `traceparent` of each sending is its own. All
 * that the application does for a request (selectors, interceptors, subscribers) happens in the context that was active
 * when the request was subscribed to.
 *
 * Without an SDK nothing is made. It can be registered after the client was made.
 *
 * @param options - what is made, and for whom
 * @throws TypeError or RangeError that names the bad option
 * @see {@link https://opentelemetry.io/docs/specs/semconv/http/http-spans/ | OpenTelemetry, HTTP spans}
 *
 * @example
 * ```ts
 * import { RetryClient } from 'rxjs-retry-client';
 * import { telemetry } from 'rxjs-retry-client/opentelemetry';
 *
 * export const client = new RetryClient({ baseUrl: 'https://api.example.com/' }).extend(
 *   telemetry({ urlTemplate: ({ context }) => context.route as string | undefined }),
 * );
 * ```
 */
export function telemetry(options: TelemetryOptions = {}): TelemetryClientOptions {
  const setup = new TelemetrySetup(options);
  return { observers: [(request) => startTelemetry(setup, request)] };
}
