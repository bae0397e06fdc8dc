import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { type ApplicationConfig, provideBrowserGlobalErrorListeners } from '@angular/core';
import { provideClientHydration } from '@angular/platform-browser';
import { provideRouter, withComponentInputBinding } from '@angular/router';
import { equalJitter, exponential, whenOnline } from 'rxjs-retry-client';
import { provideRetryClient, provideRetryStrategy, retryInterceptor } from 'rxjs-retry-client/angular';

import { About } from './about';
import { Orders } from './orders';
import { bearer, countRefusals } from './session';
import { Teas } from './teas';
import { Today } from './today';

/** Holds attempts while the browser is offline. */
const online = whenOnline();

export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideHttpClient(withInterceptors([retryInterceptor(), bearer, countRefusals])),
    provideRetryClient({ baseUrl: '/api/' }),
    provideRetryStrategy({ attempts: 5, backoff: equalJitter(exponential({ initial: 300 })), gates: [online] }),
    provideRouter(
      [
        { path: '', component: Teas },
        { path: 'today', component: Today },
        { path: 'orders', component: Orders },
        { path: 'about', component: About },
      ],
      withComponentInputBinding(),
    ),
    provideClientHydration(),
  ],
};
