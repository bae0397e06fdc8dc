import { type Context, createContextKey } from '@opentelemetry/api';

/**
 * The key by which a context says that nothing is traced in it. The SDK, its propagators and all instrumentations
 * look at it; it is the same for every copy of OpenTelemetry, and no part of its API.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** Returns a context in which instrumentations make no spans, and send no trace context. */
export function suppressTracing(context: Context): Context {
  return context.setValue(SUPPRESS_TRACING, true);
}
