/**
 * Yields an error, its causes and the errors of an AggregateError, the outermost first.
 *
 * `fetch` says only "fetch failed": the system error is one or two causes deeper. If a host name has several addresses,
 * it is in an AggregateError. Each object is yielded once, since causes can form a cycle.
 */
export function* walkErrorChain(error: unknown, visited: Set<object> = new Set<object>()): Generator<object> {
  if (typeof error !== 'object' || error === null || visited.has(error)) return;
  visited.add(error);
  yield error;
  if ('cause' in error) yield* walkErrorChain(error.cause, visited);
  if (error instanceof AggregateError) for (const inner of error.errors) yield* walkErrorChain(inner, visited);
}
