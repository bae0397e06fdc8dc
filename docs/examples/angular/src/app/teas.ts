import { httpResource } from '@angular/common/http';
import { Component, computed, inject, input } from '@angular/core';
import { Router } from '@angular/router';

interface Tea {
  readonly name: string;
  readonly from: string;
  readonly colour: string;
  readonly minutes: number;
}

const WEATHERS = ['fair', 'showers', 'fog', 'storm', 'outage'];

@Component({
  selector: 'app-teas',
  template: `
    <div class="head">
      <h1>Teas</h1>
      <div class="weather" role="group" aria-label="The network's weather">
        @for (option of weathers; track option) {
          <button type="button" [attr.aria-pressed]="option === chosen()" (click)="choose(option)">{{ option }}</button>
        }
      </div>
    </div>
    @if (teas.hasValue()) {
      <ul>
        @for (tea of teas.value(); track tea.name) {
          <li>
            <span class="leaf" [style.background]="tea.colour"></span>
            <strong>{{ tea.name }}</strong>
            <span class="quiet">{{ tea.from }}</span>
            <span class="quiet minutes">{{ tea.minutes }} min</span>
          </li>
        }
      </ul>
    } @else if (teas.error()) {
      <p class="empty bad">
        The list could not be loaded. <button type="button" (click)="teas.reload()">Try again</button>
      </p>
    } @else {
      <p class="empty">Loading the list …</p>
    }
  `,
  styles: `
    .head {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      justify-content: space-between;
      gap: 0.75rem;
      margin-bottom: 1rem;
    }

    .weather {
      display: flex;
      flex-wrap: wrap;
      padding: 0.2rem;
      border: 1px solid var(--line);
      border-radius: 1.3rem;
      background: var(--panel);
    }

    button {
      padding: 0.3rem 0.9rem;
      border: 0;
      border-radius: 99rem;
      background: none;
      color: var(--quiet);
      font: inherit;
      cursor: pointer;

      &[aria-pressed='true'] {
        background: var(--accent);
        color: var(--panel);
      }
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
      display: grid;
      grid-template-columns: auto 1fr auto;
      align-content: center;
      align-items: center;
      column-gap: 0.75rem;
      padding: 0.85rem 1rem;
      border: 1px solid var(--line);
      border-radius: 0.75rem;
      background: var(--panel);
    }

    .leaf {
      grid-row: span 2;
      width: 2rem;
      height: 2rem;
      border-radius: 0 60% 0 60%;
    }

    .quiet {
      grid-column: 2;
      color: var(--quiet);
      font-size: 0.9rem;
    }

    .minutes {
      grid-area: 1 / 3 / span 2;
    }

    .empty {
      display: flex;
      align-items: center;
      justify-content: center;
      gap: 0.5rem;
      min-height: 9rem;
      border: 1px dashed var(--line);
      border-radius: 0.75rem;
      color: var(--quiet);

      &.bad {
        color: var(--bad);
      }

      button {
        border: 1px solid currentColor;
        color: inherit;
      }
    }
  `,
})
export class Teas {
  readonly #router = inject(Router);

  /** The `weather` of the query, as in `?weather=storm`. */
  readonly weather = input<string>();

  protected readonly weathers = WEATHERS;
  protected readonly chosen = computed(() => {
    const weather = this.weather();
    return weather !== undefined && WEATHERS.includes(weather) ? weather : 'showers';
  });
  protected readonly teas = httpResource<readonly Tea[]>(() => ({
    url: '/api/teas',
    params: { weather: this.chosen() },
    timeout: 5_000,
  }));

  protected choose(weather: string): void {
    if (weather === this.chosen()) this.teas.reload();
    else void this.#router.navigate([], { queryParams: { weather } });
  }
}
