import { inject, InjectionToken, type Signal, signal, untracked } from '@angular/core';

import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import type { Outcome } from '../retry/outcome.js';
import { ATTEMPTS } from './attempts.js';

/** A request under way: being sent, or waiting for its next attempt. */
export type RunningRequest =
  /** The attempt is under way. */
  | { readonly waiting: false; readonly attempt: HttpAttempt }
  /** The attempt has failed, with this outcome; the next one begins at `until`, in ms since the epoch. */
  | { readonly waiting: true; readonly attempt: HttpAttempt; readonly outcome: Outcome; readonly until: number };

/** The running requests after an event; the same array where it changes nothing. */
export function reduceRunningRequests(
  running: readonly RunningRequest[],
  event: AttemptEvent<unknown, HttpAttempt>,
): readonly RunningRequest[] {
  const { attempt } = event;
  if (event.type === 'value') return running;
  const at = running.findIndex((request) => request.attempt.requestId === attempt.requestId);
  const others = (): readonly RunningRequest[] => running.filter((_, index) => index !== at);
  if (event.type !== 'start' && event.type !== 'retry') return at < 0 ? running : others();
  const now: RunningRequest =
    event.type === 'start'
      ? { waiting: false, attempt }
      : { waiting: true, attempt, outcome: event.outcome, until: attempt.startedAt + event.elapsed + event.delay };
  return at < 0 ? [...running, now] : running.map((request, index) => (index === at ? now : request));
}

const RUNNING: InjectionToken<Signal<readonly RunningRequest[]>> = /* @__PURE__ */ new InjectionToken<
  Signal<readonly RunningRequest[]>
>('running requests', {
  providedIn: 'root',
  factory: () => {
    const running = signal<readonly RunningRequest[]>([]);
    // eslint-disable-next-line rxjs-x/no-ignored-error -- the events never error
    inject(ATTEMPTS).events$.subscribe((event) => {
      // A request may be sent from within a template or a computed, where signals must not be written to.
      untracked(() => {
        running.update((before) => reduceRunningRequests(before, event));
      });
    });
    return running.asReadonly();
  },
});

/**
 * The app's requests under way, each with its current attempt, in the order in which they began: what a banner needs that says
 * "reconnecting, attempt 3 of 5, next try in 4 s". It is the signal form of {@link injectAttempts}, and shows what that tells.
 *
 * Watching begins with the first call, for the whole app, and ends with the app. A request that was under way before shows with its next
 * event. Call it where `inject` can be called.
 *
 * @example
 * ```ts
 * import { Component, computed } from '@angular/core';
 * import { injectAttemptsSignal } from 'rxjs-retry-client/angular';
 *
 * @Component({
 *   selector: 'app-banner',
 *   template: `@if (retrying(); as count) { <p role="status">Reconnecting ({{ count }}) …</p> }`,
 * })
 * export class Banner {
 *   readonly #running = injectAttemptsSignal();
 *   readonly retrying = computed(() => this.#running().filter(({ waiting, attempt }) => waiting || attempt.number > 1).length);
 * }
 * ```
 */
export function injectAttemptsSignal(): Signal<readonly RunningRequest[]> {
  return inject(RUNNING);
}
