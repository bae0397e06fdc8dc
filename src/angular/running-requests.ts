import { inject, InjectionToken, type Signal, signal, untracked } from '@angular/core';

import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import type { Outcome } from '../retry/outcome.js';
import { assertNever } from '../util/assert-never.js';
import { ATTEMPTS } from './attempts.js';

/** A request under way: its attempt is in flight, or it waits for the next one, or a gate holds the next one. */
export type RunningRequest = {
  /** The name of the gate that holds the request now; `undefined` if none does. */
  readonly held: string | undefined;
} & (
  | {
      /** The attempt is in flight, or `held` before the first one of the request was sent. */
      readonly waiting: false;
      readonly attempt: HttpAttempt;
    }
  | {
      /** The attempt has failed with this outcome. The next one starts at `until`, or later if it is `held`. */
      readonly waiting: true;
      readonly attempt: HttpAttempt;
      readonly outcome: Outcome;
      /** In ms since the epoch. */
      readonly until: number;
    }
);

/** Adds a request, or replaces its previous state in its place. */
function put(running: readonly RunningRequest[], request: RunningRequest): readonly RunningRequest[] {
  const { requestId } = request.attempt;
  return running.some(({ attempt }) => attempt.requestId === requestId)
    ? running.map((other) => (other.attempt.requestId === requestId ? request : other))
    : [...running, request];
}

/** Returns the running requests after an event: the same array if the event changes none of them. */
export function reduceRunningRequests(
  running: readonly RunningRequest[],
  event: AttemptEvent<unknown, HttpAttempt>,
): readonly RunningRequest[] {
  const { attempt } = event;
  switch (event.type) {
    case 'hold': {
      const { gate: held } = event;
      const before = running.find((request) => request.attempt.requestId === attempt.requestId);
      return put(running, before?.waiting ? { ...before, held } : { waiting: false, attempt, held });
    }
    case 'start':
      return put(running, { waiting: false, attempt, held: undefined });
    case 'retry': {
      const until = attempt.startedAt + event.elapsed + event.delay;
      return put(running, { waiting: true, attempt, outcome: event.outcome, until, held: undefined });
    }
    case 'hedge':
    case 'response':
    case 'value':
      return running;
    case 'success':
    case 'failure':
    case 'cancel': {
      const others = running.filter((request) => request.attempt.requestId !== attempt.requestId);
      return others.length < running.length ? others : running;
    }
    default:
      return assertNever(event);
  }
}

const RUNNING: InjectionToken<Signal<readonly RunningRequest[]>> = /* @__PURE__ */ new InjectionToken<
  Signal<readonly RunningRequest[]>
>('running requests', {
  providedIn: 'root',
  factory: () => {
    const running = signal<readonly RunningRequest[]>([]);
    // eslint-disable-next-line rxjs-x/no-ignored-error -- the events never error
    inject(ATTEMPTS).events$.subscribe((event) => {
      // A request may be sent in a template or a computed, where Angular forbids writing to a signal.
      untracked(() => {
        running.update((before) => reduceRunningRequests(before, event));
      });
    });
    return running.asReadonly();
  },
});

/**
 * Returns a signal of the app's requests under way, each with its current attempt, in the order in which they started.
 * A banner such as "reconnecting, attempt 3 of 5, next try in 4 s" needs no more. A request that a gate holds has the
 * gate's name in `held`, also before its first attempt was sent.
 *
 * It is built from the events of {@link injectAttempts}. The first call subscribes to them for the whole app, until the
 * app ends. A request that was under way before the first call appears with its next event.
 *
 * Call it in an injection context.
 *
 * @example
 * ```ts no-run: needs Angular
 * import { Component, computed } from '@angular/core';
 * import { injectAttemptsSignal } from 'rxjs-retry-client/angular';
 *
 * @Component({
 *   selector: 'app-banner',
 *   template: `@if (retrying(); as count) { <p role="status">Reconnecting ({{ count }}) …</p> }`,
 * })
 * export class Banner {
 *   readonly #running = injectAttemptsSignal();
 *   readonly retrying = computed(
 *     () => this.#running().filter(({ waiting, attempt }) => waiting || attempt.number > 1).length,
 *   );
 * }
 * ```
 */
export function injectAttemptsSignal(): Signal<readonly RunningRequest[]> {
  return inject(RUNNING);
}
