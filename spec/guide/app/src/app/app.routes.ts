import { Routes } from '@angular/router';
import { Home } from './home';
import { Teas } from './teas';

export const routes: Routes = [
  { path: '', component: Home },
  { path: 'teas', component: Teas },
];
