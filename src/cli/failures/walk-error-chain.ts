/**
 * An error, its causes, and the errors that an AggregateError gathers, the outermost first and each once: causes may form a ring.
 *
 * fetch says only "fetch failed". What happened lies one or two causes deeper, and where a name has several addresses in an
 * AggregateError.
 */
export function* causesOf(error: unknown, seen: Set<object> = new Set<object>()): Generator<object> {
  if (typeof error !== 'object' || error === null || seen.has(error)) return;
  seen.add(error);
  yield error;
  if ('cause' in error) yield* causesOf(error.cause, seen);
  if (error instanceof AggregateError) for (const one of error.errors) yield* causesOf(one, seen);
}
