/**
 * Calls back when the signal is aborted. Bundlers put this in the place of signals, since only Node takes many listeners of one signal for a
 * leak (`browser` in package.json).
 */
export function addAbortListener(signal: AbortSignal, callback: () => void): void {
  signal.addEventListener('abort', callback);
}

/** Forgets a callback. */
export function removeAbortListener(signal: AbortSignal, callback: () => void): void {
  signal.removeEventListener('abort', callback);
}
