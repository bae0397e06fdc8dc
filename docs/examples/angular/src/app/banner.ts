import { Component, computed } from '@angular/core';
import { injectAttemptsSignal } from 'rxjs-retry-client/angular';

import { injectClock } from './clock';

@Component({
  selector: 'app-banner',
  template: `
    @if (trouble(); as it) {
      <div role="status">
        <span class="dot" [class.sending]="it.seconds === undefined"></span>
        <strong>Reconnecting</strong>
        <span>attempt {{ it.number }} of {{ it.of }}</span>
        <span class="when">
          @if (it.seconds === undefined) {
            under way
          } @else {
            next try in {{ it.seconds }} s
          }
        </span>
      </div>
    }
  `,
  styles: `
    :host {
      position: sticky;
      top: 0;
      z-index: 1;
      display: block;
      max-width: 60rem;
      min-height: 3.5rem;
      margin: auto;
      padding: 0 1.5rem;
    }

    div {
      display: flex;
      align-items: center;
      gap: 0.75rem;
      padding: 0.65rem 1rem;
      border: 1px solid color-mix(in srgb, var(--warn) 35%, transparent);
      border-radius: 0.75rem;
      background: var(--warn-soft);
      color: var(--warn);
      box-shadow: 0 6px 20px rgb(0 0 0 / 8%);
    }

    .dot {
      width: 0.6rem;
      height: 0.6rem;
      border-radius: 50%;
      background: currentColor;

      &.sending {
        animation: pulse 0.8s infinite alternate;
      }
    }

    .when {
      margin-left: auto;
      font-variant-numeric: tabular-nums;
    }

    @keyframes pulse {
      to {
        opacity: 0.2;
      }
    }
  `,
})
export class Banner {
  readonly #running = injectAttemptsSignal();
  readonly #now = injectClock(200);

  /** The oldest running request whose first attempt has failed. */
  protected readonly trouble = computed(() => {
    const request = this.#running().find(({ waiting, attempt }) => waiting || attempt.number > 1);
    if (!request) return undefined;
    const { number, of } = request.attempt;
    return request.waiting
      ? { number: number + 1, of, seconds: Math.max(0, Math.ceil((request.until - this.#now()) / 1000)) }
      : { number, of, seconds: undefined };
  });
}
