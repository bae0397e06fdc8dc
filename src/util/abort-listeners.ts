import { orReport } from './report-errors.js';

type Callback = () => void;

/** Who waits for a signal, and the listener that tells them. */
interface Waiting {
  readonly callbacks: Set<Callback>;
  readonly listener: () => void;
}

/** Who waits for each signal: many requests under one signal share one listener, which Node would otherwise take for a leak. */
const waiting = new WeakMap<AbortSignal, Waiting>();

function wait(signal: AbortSignal): Waiting {
  const callbacks = new Set<Callback>();
  const listener = (): void => {
    waiting.delete(signal);
    for (const callback of callbacks) orReport(callback);
  };
  signal.addEventListener('abort', listener, { once: true });
  return { callbacks, listener };
}

/** Calls back when the signal is aborted. */
export function listenToAbort(signal: AbortSignal, callback: Callback): void {
  let known = waiting.get(signal);
  if (!known) waiting.set(signal, (known = wait(signal)));
  known.callbacks.add(callback);
}

/** Forgets a callback; the last one takes the listener with it. */
export function unlistenToAbort(signal: AbortSignal, callback: Callback): void {
  const known = waiting.get(signal);
  if (!known?.callbacks.delete(callback) || known.callbacks.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', known.listener);
}
