import { runAndReportErrors } from './report-errors.js';

type Callback = () => void;

/** The callbacks of one signal, and the listener that calls them. */
interface SharedListener {
  readonly callbacks: Set<Callback>;
  readonly listener: () => void;
}

/**
 * The shared listener of each signal. Many requests may run under one signal, and Node warns of a leak when a signal
 * has many listeners.
 */
const sharedListeners = new WeakMap<AbortSignal, SharedListener>();

function shareListener(signal: AbortSignal): SharedListener {
  const callbacks = new Set<Callback>();
  const listener = (): void => {
    sharedListeners.delete(signal);
    for (const callback of callbacks) runAndReportErrors(callback);
  };
  signal.addEventListener('abort', listener, { once: true });
  return { callbacks, listener };
}

/** Calls `callback` when the signal is aborted. */
export function addAbortListener(signal: AbortSignal, callback: Callback): void {
  let shared = sharedListeners.get(signal);
  if (!shared) sharedListeners.set(signal, (shared = shareListener(signal)));
  shared.callbacks.add(callback);
}

/** Removes a callback; with the last one, the signal's listener is removed too. */
export function removeAbortListener(signal: AbortSignal, callback: Callback): void {
  const shared = sharedListeners.get(signal);
  if (!shared?.callbacks.delete(callback) || shared.callbacks.size > 0) return;
  sharedListeners.delete(signal);
  signal.removeEventListener('abort', shared.listener);
}
