import { afterNextRender, DestroyRef, inject, type Signal, signal } from '@angular/core';

/** Returns the time in ms, updated every `every` ms. On a server it stays at the time of rendering. */
export function injectClock(every: number): Signal<number> {
  const now = signal(Date.now());
  const destroyed = inject(DestroyRef);
  afterNextRender(() => {
    const timer = setInterval(() => {
      now.set(Date.now());
    }, every);
    destroyed.onDestroy(() => {
      clearInterval(timer);
    });
  });
  return now.asReadonly();
}
