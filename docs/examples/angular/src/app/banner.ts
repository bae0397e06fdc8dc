import { isPlatformBrowser } from '@angular/common';
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  NgZone,
  PLATFORM_ID,
  signal,
} from '@angular/core';
import { injectAttemptsSignal, injectRetryNow, type RunningRequest } from 'rxjs-retry-client/angular';

/** Says that requests are tried again, or wait for the network. */
@Component({
  selector: 'app-banner',
  changeDetection: ChangeDetectionStrategy.OnPush,
  // The element with role="status" stays: screen readers announce what changes in it, and nothing else changes there.
  template: `
    <p role="status">{{ status() }}</p>
    @if (status()) {
      <p>{{ details() }}</p>
    }
    @if (request()) {
      <button type="button" (click)="retryNow()">Try now</button>
    }
  `,
})
export class Banner {
  protected readonly retryNow = injectRetryNow();
  readonly #running = injectAttemptsSignal();

  /** How many requests wait for the network. */
  readonly #offline = computed(() => this.#running().filter(({ held }) => held === 'when-online').length);

  /** The oldest request whose first attempt has failed, unless the network is gone. */
  protected readonly request = computed(() =>
    this.#offline() > 0 ? undefined : this.#running().find(({ waiting, attempt }) => waiting || attempt.number > 1),
  );

  protected readonly status = computed(() => {
    if (this.#offline() > 0) return 'You are offline';
    return this.request() ? 'Reconnecting' : '';
  });

  protected readonly details = computed(() => {
    const request = this.request();
    if (request) return `${describeAttempt(request)}${this.#describeWait(request)}`;
    return this.#offline() === 1
      ? '1 request waits for the network'
      : `${this.#offline()} requests wait for the network`;
  });

  /** Counts the ticks of the clock, which runs only while there is something to count down. */
  readonly #ticks = signal(0);
  readonly #countsDown = computed(() => this.request()?.waiting === true);

  constructor() {
    const zone = inject(NgZone);
    // A page that a server renders has no clock.
    if (!isPlatformBrowser(inject(PLATFORM_ID))) return;
    effect((onCleanup) => {
      if (!this.#countsDown()) return;
      // Outside Angular's zone it neither checks the whole app at each tick, nor keeps the app unstable.
      const clock = zone.runOutsideAngular(() => setInterval(() => this.#ticks.update((ticks) => ticks + 1), 250));
      onCleanup(() => clearInterval(clock));
    });
  }

  #describeWait(request: RunningRequest): string {
    if (request.held !== undefined) return ' waits for its turn';
    if (!request.waiting) return ' is under way';
    this.#ticks();
    // Read now, and not at the last tick: a wait may begin long after it.
    return `, next try in ${Math.max(0, Math.ceil((request.until - Date.now()) / 1000))} s`;
  }
}

/** Returns `attempt 3 of 5`, or `attempt 3` if there is no last one. */
function describeAttempt({ waiting, attempt: { number, of } }: RunningRequest): string {
  return `attempt ${waiting ? number + 1 : number}${of < Infinity ? ` of ${of}` : ''}`;
}
