import { type Observable, Subscription } from 'rxjs';

import type { Wakeable, WaitRegistry } from '../retry/gate.js';
import { runAndReportErrors } from '../util/report-errors.js';

/**
 * The waits that a gate's `wake$` ends. It subscribes once for all of them, and only while there are some.
 *
 * A Set, because leaving and waking must take constant time each: 100,000 subscribers of an RxJS Subject take seconds
 * to leave it.
 *
 *     empty ◄──► waiting
 */
export class WakeableWaits implements WaitRegistry {
  readonly #wake$: Observable<unknown>;
  readonly #waits = new Set<Wakeable>();
  #subscription: Subscription | undefined;

  constructor(wake$: Observable<unknown>) {
    this.#wake$ = wake$;
  }

  add(wait: Wakeable): void {
    this.#waits.add(wait);
    if (this.#subscription) return;
    // What it emits while it is subscribed to is a state that it replays, and no change.
    let isSubscribing = true;
    // Set before: another run can begin to wait while it is subscribed to.
    const subscription = (this.#subscription = new Subscription());
    subscription.add(
      this.#wake$.subscribe({
        next: () => {
          if (!isSubscribing) this.#wakeAll();
        },
        // It wakes nothing any more, and says why.
        error: (error: unknown) => {
          runAndReportErrors(() => {
            throw error;
          });
        },
      }),
    );
    isSubscribing = false;
    this.#stopIfEmpty();
  }

  remove(wait: Wakeable): void {
    this.#waits.delete(wait);
    this.#stopIfEmpty();
  }

  #wakeAll(): void {
    // A copy: a run that is woken may wait again, which is another wait. One that has left meanwhile is not woken.
    for (const wait of [...this.#waits]) {
      if (this.#waits.delete(wait)) {
        runAndReportErrors(() => {
          wait.wake();
        });
      }
    }
    this.#stopIfEmpty();
  }

  #stopIfEmpty(): void {
    if (this.#waits.size > 0) return;
    const subscription = this.#subscription;
    this.#subscription = undefined;
    runAndReportErrors(() => subscription?.unsubscribe());
  }
}
