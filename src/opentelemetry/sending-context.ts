import { type Context, createContextKey } from '@opentelemetry/api';

/**
 * The key by which a context says that nothing is traced in it. The SDK, its propagators and all instrumentations
 * look at it; it is the same for every copy of OpenTelemetry, and no part of its API.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** The key of the request that is being sent. */
const SENDS_NOW = Symbol('rxjs-retry-client: the request that sends');

/**
 * A context with one more value. A chain of these costs less than the copy of all values that the API's own context
 * makes for each new one.
 */
class LinkedContext implements Context {
  readonly #parent: Context;
  readonly #key: symbol;
  readonly #value: unknown;

  constructor(parent: Context, key: symbol, value: unknown) {
    this.#parent = parent;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    return key === this.#key ? this.#value : this.#parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new LinkedContext(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new LinkedContext(this, key, undefined);
  }
}

/**
 * Returns a context that says which request is sent in it: a second telemetry of Angular's HttpClient does not make the
 * same spans again.
 */
export function sendingContext(context: Context, requestId: string | undefined): Context {
  return requestId === undefined ? context : new LinkedContext(context, SENDS_NOW, requestId);
}

/** Returns a context in which instrumentations make no spans, and send no trace context. */
export function suppressTracing(context: Context): Context {
  return new LinkedContext(context, SUPPRESS_TRACING, true);
}

/** Whether a context is that of a request that is being sent. */
export function isSending(context: Context, requestId: string): boolean {
  return context.getValue(SENDS_NOW) === requestId;
}
