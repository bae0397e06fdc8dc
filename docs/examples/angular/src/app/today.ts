import { Component } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { injectRetryClient } from 'rxjs-retry-client/angular';

interface Tea {
  readonly name: string;
  readonly from: string;
}

@Component({
  selector: 'app-today',
  template: `
    <h1>Tea of the day</h1>
    @if (tea(); as tea) {
      <p>
        <strong>{{ tea.name }}</strong> from {{ tea.from }}
      </p>
    } @else {
      <p class="quiet">Asking for it …</p>
    }
  `,
  styles: `
    :host {
      display: grid;
      gap: 0.75rem;
    }

    .quiet {
      color: var(--quiet);
    }
  `,
})
export class Today {
  protected readonly tea = toSignal(injectRetryClient().getJSON<Tea>('today'));
}
