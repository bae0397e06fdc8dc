import '@angular/compiler';

import { injectRetryClient, provideRetryClient } from '../../src/angular/index.js';
import type { HttpNetworkError } from '../../src/index.js';
import { app, injected } from '../support/angular-app.js';
import { onServer, pageAt } from '../support/angular-page.js';
import { failureOf } from '../support/settled.js';

describe('A relative URL on a page that a server renders without a URL', () => {
  it('fails in the stream', async () => {
    app(onServer, pageAt('/'), provideRetryClient());
    const users$ = injected(injectRetryClient).get('users');

    expect(((await failureOf(users$)) as HttpNetworkError).message).toContain('the URL is relative');
  });
});
