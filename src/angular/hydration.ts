import { ApplicationRef, inject, InjectionToken } from '@angular/core';
import { filter, take } from 'rxjs';

/**
 * Whether a page that a server rendered is still being taken over in the browser: from the start of the app until it is
 * stable for the first time. Only then do its requests repeat those of the server.
 *
 *     under way ──► over
 *
 * An app has one, which {@link HYDRATION} creates.
 */
export class Hydration {
  isOver = false;
  readonly #app: ApplicationRef;

  constructor(app: ApplicationRef) {
    this.#app = app;
    // Before its first component is there, an app is stable, too. This ends it for a client that is created after the
    // bootstrap.
    app.isStable
      .pipe(
        filter((stable) => stable && app.components.length > 0),
        take(1),
      )
      // eslint-disable-next-line rxjs-x/no-ignored-error -- it never errors
      .subscribe(() => {
        this.isOver = true;
      });
  }

  /** An app that has nothing to wait for does not emit that it is stable after its bootstrap. */
  endWhenStable(): void {
    void this.#app.whenStable().then(() => {
      this.isOver = true;
    });
  }
}

export const HYDRATION: InjectionToken<Hydration> = /* @__PURE__ */ new InjectionToken<Hydration>('the hydration', {
  providedIn: 'root',
  factory: () => new Hydration(inject(ApplicationRef)),
});
