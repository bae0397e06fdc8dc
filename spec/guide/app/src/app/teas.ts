import { httpResource } from '@angular/common/http';
import { Component } from '@angular/core';

@Component({
  selector: 'app-teas',
  template: `
    @for (tea of teas.hasValue() ? teas.value() : []; track tea) {
      <p>{{ tea }}</p>
    }
  `,
})
export class Teas {
  protected readonly teas = httpResource<string[]>(() => '/api/teas');
}
