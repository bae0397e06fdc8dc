import { isPlatformBrowser } from '@angular/common';
import { httpResource } from '@angular/common/http';
import { Component, DestroyRef, inject, PLATFORM_ID } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';

import { Session } from './session';

interface Order {
  readonly tea: string;
  readonly grams: number;
}

/** Orders that only a request with a token gets, each with a request of its own. */
@Component({
  selector: 'app-orders',
  template: `
    <h1>Orders</h1>
    <p>
      Each order is a request that needs a token. When the token has expired, the API answers all three with 401: the
      token is refreshed once, and the requests are sent again.
    </p>
    <div class="actions">
      <button type="button" (click)="expire()">Let the token expire, and load the orders</button>
      <button type="button" class="plain" (click)="load()">Load the orders</button>
    </div>
    <dl>
      <div>
        <dt>Requests refused with 401</dt>
        <dd>{{ session.refused() }}</dd>
      </div>
      <div>
        <dt>Token refreshes</dt>
        <dd>{{ session.refreshes() }}</dd>
      </div>
    </dl>
    <ul>
      @for (order of orders; track $index) {
        <li>
          @if (order.error()) {
            <span class="bad">Order {{ $index + 1 }} could not be loaded.</span>
          } @else if (order.hasValue()) {
            <strong>{{ order.value().tea }}</strong>
            <span class="quiet">{{ order.isLoading() ? 'loading …' : order.value().grams + ' g' }}</span>
          } @else {
            <span class="quiet">Loading order {{ $index + 1 }} …</span>
          }
        </li>
      }
    </ul>
  `,
  styles: `
    :host {
      display: grid;
      gap: 1rem;
    }

    p {
      max-width: 42rem;
      color: var(--quiet);
    }

    .actions {
      display: flex;
      flex-wrap: wrap;
      gap: 0.75rem;
    }

    button {
      padding: 0.4rem 1rem;
      border: 1px solid var(--accent);
      border-radius: 99rem;
      background: var(--accent);
      color: var(--panel);
      font: inherit;
      cursor: pointer;

      &.plain {
        background: none;
        color: var(--accent);
      }
    }

    dl {
      display: flex;
      flex-wrap: wrap;
      gap: 0.5rem 2.5rem;
      margin: 0;
    }

    dl div {
      display: flex;
      align-items: baseline;
      gap: 0.6rem;
    }

    dt {
      color: var(--quiet);
    }

    dd {
      margin: 0;
      font-weight: bold;
      font-variant-numeric: tabular-nums;
    }

    ul {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr));
      gap: 0.75rem;
      margin: 0;
      padding: 0;
      list-style: none;
    }

    li {
      display: flex;
      justify-content: space-between;
      gap: 0.75rem;
      padding: 0.85rem 1rem;
      border: 1px solid var(--line);
      border-radius: 0.75rem;
      background: var(--panel);
    }

    .quiet {
      color: var(--quiet);
    }

    .bad {
      color: var(--bad);
    }
  `,
})
export class Orders {
  readonly #isBrowser = isPlatformBrowser(inject(PLATFORM_ID));
  readonly #destroyed = inject(DestroyRef);
  protected readonly session = inject(Session);

  /** A server that renders the page has no token of the user, and asks for none. */
  protected readonly orders = [1, 2, 3].map((id) =>
    httpResource<Order>(() => (this.#isBrowser ? `/api/orders/${id}` : undefined)),
  );

  protected load(): void {
    for (const order of this.orders) order.reload();
  }

  protected expire(): void {
    this.session
      .expire()
      .pipe(takeUntilDestroyed(this.#destroyed))
      .subscribe({ next: () => this.load(), error: () => this.load() });
  }
}
