import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

import type { HttpAttempt } from '../retry/attempt.js';
import { checkKnownOptions, type OptionRules } from '../util/known-options.js';
import { BOOLEAN, FUNCTION, type OptionRule } from '../util/option-rule.js';

/** Options of `telemetry()`, and of `telemetryInterceptor()` for Angular. */
export interface TelemetryOptions {
  /** Makes the spans. @default the global one, also if it is registered later */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Makes the metrics. @default the global one, also if it is registered later */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Whether a request has a span of its own, of kind `INTERNAL`, around all of its attempts and waits. The spans of its
   * attempts are then its children. Without it each attempt of a request that has no active span is a trace of its own.
   *
   * @default true
   */
  readonly requestSpan?: boolean | undefined;
  /** Whether requests are measured, too. @default true */
  readonly metrics?: boolean | undefined;
  /**
   * Whether the trace context is sent in headers (`traceparent`, as the global propagator has it), or to which URLs.
   * Another origin must allow these headers, or a browser does not send the request at all.
   *
   * @default everywhere in Node, and only to the page's own origin in browsers
   */
  readonly propagate?: boolean | ((url: URL) => boolean) | undefined;
  /**
   * Whether the transport is called with tracing suppressed. Otherwise the instrumentation of undici or fetch makes a
   * second span of each attempt, and adds a second `traceparent`.
   *
   * @default true
   */
  readonly suppressTransportSpans?: boolean | undefined;
  /**
   * Returns the template of an attempt's path, such as `/users/{id}`. It is part of the names of spans, and the
   * attribute `url.template` of spans and metrics: there must be few different ones.
   */
  readonly urlTemplate?: ((attempt: HttpAttempt) => string | undefined) | undefined;
  /** The names of request headers to record in spans. @default none */
  readonly requestHeaders?: readonly string[] | undefined;
  /** The names of response headers to record in spans. @default none */
  readonly responseHeaders?: readonly string[] | undefined;
}

function providerRule(name: string, method: string): OptionRule {
  return [
    undefined,
    `a ${name}`,
    (provider: unknown) =>
      typeof provider === 'object' &&
      typeof (provider as Readonly<Record<string, unknown>> | null)?.[method] === 'function',
  ];
}

/** The names of HTTP headers: RFC 9110's tokens. */
const HEADER_NAMES: OptionRule = [[''], 'the name of a header', (name: string) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)];

const RULES: OptionRules<TelemetryOptions> = {
  tracerProvider: providerRule('TracerProvider', 'getTracer'),
  meterProvider: providerRule('MeterProvider', 'getMeter'),
  requestSpan: BOOLEAN,
  metrics: BOOLEAN,
  propagate: [
    undefined,
    'true, false, or a function of the URL',
    (propagate: unknown) => typeof propagate === 'boolean' || typeof propagate === 'function',
  ],
  suppressTransportSpans: BOOLEAN,
  urlTemplate: FUNCTION,
  requestHeaders: HEADER_NAMES,
  responseHeaders: HEADER_NAMES,
};

/**
 * Checks options.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function checkTelemetryOptions(options: TelemetryOptions): void {
  checkKnownOptions(options, RULES);
}
