import { afterNextRender, Component, DestroyRef, type ElementRef, inject, NgZone, viewChild } from '@angular/core';
import { injectAttempts } from 'rxjs-retry-client/angular';
import { waterfall } from 'rxjs-retry-client/waterfall';

/** The last requests, drawn by the package. A server renders the frame alone. */
@Component({
  selector: 'app-waterfall',
  template: `
    <h2>The last requests</h2>
    <div #picture></div>
  `,
  styles: `
    :host {
      display: grid;
      gap: 0.5rem;
      padding: 1rem 1.25rem;
      border: 1px solid var(--line);
      border-radius: 0.75rem;
      background: var(--panel);
    }

    h2 {
      font-size: 1rem;
    }

    div {
      min-width: 0;
      --waterfall-height: 15rem;
    }
  `,
})
export class Waterfall {
  readonly #attempts$ = injectAttempts();
  readonly #zone = inject(NgZone);
  private readonly picture = viewChild.required<ElementRef<HTMLElement>>('picture');

  constructor() {
    const destroyRef = inject(DestroyRef);
    afterNextRender(() => {
      // What is drawn is no change that Angular must look for.
      this.#zone.runOutsideAngular(() => {
        const subscription = waterfall(this.picture().nativeElement, this.#attempts$, { rows: 50 });
        destroyRef.onDestroy(() => subscription.unsubscribe());
      });
    });
  }
}
