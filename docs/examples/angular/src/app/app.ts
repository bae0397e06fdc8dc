import { Component } from '@angular/core';
import { type IsActiveMatchOptions, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router';

import { Banner } from './banner';
import { Waterfall } from './waterfall';

@Component({
  selector: 'app-root',
  imports: [Banner, RouterLink, RouterLinkActive, RouterOutlet, Waterfall],
  template: `
    <header>
      <strong>Tea on a bad network</strong>
      <nav>
        <a routerLink="/" routerLinkActive="here" [routerLinkActiveOptions]="wherever">Teas</a>
        <a routerLink="/today" routerLinkActive="here">Today</a>
        <a routerLink="/orders" routerLinkActive="here">Orders</a>
        <a routerLink="/about" routerLinkActive="here">About</a>
      </nav>
    </header>
    <app-banner />
    <main>
      <router-outlet />
      <app-waterfall />
    </main>
  `,
  styles: `
    header {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: 0.5rem 1rem;
      max-width: 60rem;
      margin: auto;
      padding: 1.25rem 1.5rem;
    }

    nav {
      display: flex;
      gap: 0.25rem;
    }

    a {
      padding: 0.35rem 0.9rem;
      border-radius: 99rem;
      color: var(--quiet);
      text-decoration: none;

      &:hover {
        color: var(--text);
      }

      &.here {
        background: var(--accent-soft);
        color: var(--accent);
      }
    }

    main {
      display: grid;
      gap: 1.5rem;
      max-width: 60rem;
      margin: auto;
      padding: 0.5rem 1.5rem 3rem;
    }
  `,
})
export class App {
  /** Keeps the link to the list active with any query. */
  protected readonly wherever: IsActiveMatchOptions = {
    paths: 'exact',
    queryParams: 'ignored',
    matrixParams: 'ignored',
    fragment: 'ignored',
  };
}
