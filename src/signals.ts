import { orReport } from './or-report.js';

/** Who waits for each signal: many requests under one signal share one listener, which Node would otherwise take for a leak. */
const waiting = new WeakMap<AbortSignal, Set<(signal: AbortSignal) => void>>();

function onAbort(event: Event): void {
  const signal = event.target as AbortSignal;
  const callbacks = waiting.get(signal) ?? [];
  waiting.delete(signal);
  for (const callback of callbacks) {
    orReport(() => {
      callback(signal);
    });
  }
}

/** Calls back when the signal is aborted. */
export function listenToAbort(signal: AbortSignal, callback: (signal: AbortSignal) => void): void {
  let callbacks = waiting.get(signal);
  if (!callbacks) {
    waiting.set(signal, (callbacks = new Set()));
    signal.addEventListener('abort', onAbort, { once: true });
  }
  callbacks.add(callback);
}

/** Forgets a callback; the last one takes the listener with it. */
export function unlistenToAbort(signal: AbortSignal, callback: (signal: AbortSignal) => void): void {
  const callbacks = waiting.get(signal);
  if (!callbacks?.delete(callback) || callbacks.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', onAbort);
}
