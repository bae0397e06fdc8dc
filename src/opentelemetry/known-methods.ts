/** The methods of RFC 9110, PATCH (RFC 5789) and QUERY. */
const STANDARD_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'];

/**
 * Returns the methods that spans and metrics name. A list in the environment variable
 * `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` replaces them.
 *
 * @see {@link https://opentelemetry.io/docs/specs/semconv/http/http-spans/ | OpenTelemetry, HTTP spans}
 */
export function knownMethods(): ReadonlySet<string> {
  const { process } = globalThis as { process?: { env?: Readonly<Record<string, string | undefined>> } };
  const listed = process?.env?.OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS?.split(',').map((method) => method.trim());
  return new Set(listed?.some(Boolean) ? listed.filter(Boolean) : STANDARD_METHODS);
}
