/** Returns why a signal was aborted; a polyfilled signal may have no reason. */
export function abortReason(signal: AbortSignal | null | undefined): unknown {
  return (signal?.reason as unknown) ?? new DOMException('This operation was aborted', 'AbortError');
}
