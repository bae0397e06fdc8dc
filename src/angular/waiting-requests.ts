import { inject, InjectionToken, NgZone } from '@angular/core';

import type { Attempt, AttemptEvent } from '../retry/attempt.js';
import {
  GATE,
  type Gate,
  type GateDefinition,
  type GatedRun,
  type GateSession,
  type WaitRegistry,
  type Wakeable,
} from '../retry/gate.js';
import type { RetryDelegate } from '../retry/retry-delegate.js';
import type { ResolvedStrategy } from '../retry/strategy.js';
import { runAndReportErrors } from '../util/report-errors.js';
import { UngatedSession } from './ungated-session.js';

/** What is known of a wait: the run that waits, and its delegate. */
export interface WaitingRun {
  readonly run: GatedRun<Attempt>;
  readonly delegate: RetryDelegate<Attempt>;
}

/**
 * The requests of one app that wait for their next attempt: those of HttpClient, and those of the clients in its
 * injectors. {@link WAITING_REQUESTS} creates it.
 */
export class WaitingRequests implements WaitRegistry {
  readonly #zone: NgZone;
  /** Each wait, and whether it began in Angular's zone. */
  readonly #waits = new Map<Wakeable, boolean>();
  readonly #runs = new WeakMap<object, WaitingRun>();
  /**
   * The first gate of each request. It learns of waits, and lets all attempts pass: no event and no error names it.
   */
  readonly gate: Gate;

  constructor(zone: NgZone) {
    this.#zone = zone;
    const definition: GateDefinition = { name: 'waiting-requests', next: (event) => this.onEvent?.(event) };
    const openSession = <A extends Attempt>(
      strategy: ResolvedStrategy,
      delegate: RetryDelegate<A>,
      run: GatedRun<A>,
    ): GateSession<A> => {
      // The app's own gates bring the machinery of gates with them.
      const session =
        strategy.gates?.[1]?.[GATE].openSession(strategy, delegate, run) ??
        new UngatedSession(strategy, delegate, run, definition, this);
      this.#runs.set(session, { run, delegate } as object as WaitingRun);
      return session;
    };
    this.gate = { name: definition.name, [GATE]: { definition, waits: this, openSession } };
  }

  /** Is called with the events of all attempts. */
  protected onEvent?(event: AttemptEvent): void;

  /** Returns the run that waits. */
  protected runOf(wait: Wakeable): WaitingRun {
    return this.#runs.get(wait) as WaitingRun;
  }

  /** Returns the id of the request that waits. */
  protected requestIdOf(wait: Wakeable): string {
    return this.runOf(wait).run.draft().requestId;
  }

  add(wait: Wakeable): void {
    this.#waits.set(wait, NgZone.isInAngularZone());
  }

  remove(wait: Wakeable): void {
    this.#waits.delete(wait);
  }

  /**
   * Ends the waits, except for the time that a server or a gate asks for.
   *
   * @param requestId - of the request whose wait ends; by default those of all requests end
   */
  wake(requestId?: string): void {
    // A copy: a request that is woken may wait again, which is another wait. One that has left meanwhile is not woken.
    for (const [wait, isInside] of [...this.#waits]) {
      if ((requestId !== undefined && this.requestIdOf(wait) !== requestId) || !this.#waits.delete(wait)) continue;
      const wake = (): void => {
        runAndReportErrors(() => {
          wait.wake();
        });
      };
      // The next attempt, and what follows it, is in the zone that the timer would have been in.
      if (isInside) this.#zone.run(wake);
      else this.#zone.runOutsideAngular(wake);
    }
  }
}

/** Each app, and each page that a server renders, has its own instance. `provideRetryTesting` replaces it. */
export const WAITING_REQUESTS: InjectionToken<WaitingRequests> = /* @__PURE__ */ new InjectionToken<WaitingRequests>(
  'the requests that wait',
  { providedIn: 'root', factory: () => new WaitingRequests(inject(NgZone)) },
);
