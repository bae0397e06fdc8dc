import { Component } from '@angular/core';

@Component({
  selector: 'app-about',
  template: `
    <h1>About</h1>
    <p>
      The list comes from an API that fails on purpose. Every request goes through one interceptor, which tries again,
      waits as long as the server asks for, and tells the banner and the waterfall what it does. You left the list: what
      was under way for it was cancelled.
    </p>
  `,
  styles: `
    :host {
      display: grid;
      gap: 0.75rem;
      max-width: 42rem;
    }

    p {
      color: var(--quiet);
    }
  `,
})
export class About {}
