import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';

@Component({
  selector: 'app-home',
  imports: [RouterLink],
  template: `<a routerLink="/teas">{{ teas }}</a>`,
})
export class Home {
  protected readonly teas = 'Teas';
}
