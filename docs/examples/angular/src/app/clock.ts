import { afterNextRender, DestroyRef, inject, type Signal, signal } from '@angular/core';

/** The time in ms, a few times a second; in the browser only: a page that is rendered on a server shows the moment it was made. */
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
