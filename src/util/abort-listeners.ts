import { runAndReportErrors } from './report-errors.js';

type Callback = () => void;

/** Who waits for a signal, and the listener that tells them. */
interface SharedListener {
  readonly callbacks: Set<Callback>;
  readonly listener: () => void;
}

/** Who waits for each signal: many requests under one signal share one listener, which Node would otherwise take for a leak. */
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

/** Calls back when the signal is aborted. */
export function addAbortListener(signal: AbortSignal, callback: Callback): void {
  let known = sharedListeners.get(signal);
  if (!known) sharedListeners.set(signal, (known = shareListener(signal)));
  known.callbacks.add(callback);
}

/** Forgets a callback; the last one takes the listener with it. */
export function removeAbortListener(signal: AbortSignal, callback: Callback): void {
  const known = sharedListeners.get(signal);
  if (!known?.callbacks.delete(callback) || known.callbacks.size > 0) return;
  sharedListeners.delete(signal);
  signal.removeEventListener('abort', known.listener);
}
