/**
 * Calls `callback` when the signal is aborted. Bundlers for browsers replace abort-listeners with this file (`browser`
 * in package.json): only Node warns of a leak when one signal has many listeners.
 */
export function addAbortListener(signal: AbortSignal, callback: () => void): void {
  signal.addEventListener('abort', callback);
}

/** Removes a callback. */
export function removeAbortListener(signal: AbortSignal, callback: () => void): void {
  signal.removeEventListener('abort', callback);
}
