import '@angular/compiler';

import {
  HttpClient,
  HttpXsrfTokenExtractor,
  provideHttpClient,
  withInterceptors,
  withNoXsrfProtection,
  withXsrfConfiguration,
} from '@angular/common/http';
import { TestBed } from '@angular/core/testing';

import { injectRetryClient, provideRetryClient } from '../../src/angular/index.js';
import type { ClientOptions, RetryClient } from '../../src/index.js';
import { app, injected, type Providers } from '../support/angular-app.js';
import { angularNetwork } from '../support/angular-network.js';
import { onServer, pageAt } from '../support/angular-page.js';
import { network } from '../support/scripted-network.js';
import { only, settled } from '../support/settled.js';

const PAGE = 'https://shop.test/teas';

/** The page's token; Angular reads it from a cookie. */
function tokenIs(token: string | null): Providers[number] {
  return { provide: HttpXsrfTokenExtractor, useValue: { getToken: () => token } };
}

/** Returns the client of a page, and the token headers of the requests that it sends. */
function sender(
  options: ClientOptions = {},
  ...providers: Providers
): { readonly client: RetryClient; readonly tokens: (name?: string) => (string | null)[] } {
  const { interceptor, header } = network(200);
  const { interceptors = [], ...rest } = options;
  app(
    pageAt(PAGE),
    provideHttpClient(),
    tokenIs('secret'),
    provideRetryClient({ baseUrl: PAGE, ...rest, interceptors: [...interceptors, interceptor] }),
    ...providers,
  );
  return { client: injected(injectRetryClient), tokens: (name = 'X-XSRF-TOKEN') => header(name) };
}

describe("A RetryClient's XSRF token", () => {
  it("goes to the same requests as HttpClient's: to the page's origin, and with every method but GET and HEAD", async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      for (const url of [
        '/api',
        `${PAGE}/api`,
        'https://shop.test:8443/api',
        'http://shop.test/api',
        'https://a.test/',
      ]) {
        const scripted = angularNetwork(200);
        const { client, tokens } = sender(
          {},
          provideHttpClient(withInterceptors([scripted.interceptor])),
          tokenIs('secret'),
        );
        await settled(TestBed.inject(HttpClient).request(method, url));
        await only(client.request(method, url));

        expect(tokens())
          .withContext(`${method} ${url}`)
          .toEqual(scripted.requests.map(({ headers }) => headers.get('X-XSRF-TOKEN')));
        TestBed.resetTestingModule();
      }
    }
  });

  it('goes to the page, and to no other origin that the request fails over to', async () => {
    const { client, tokens } = sender({
      strategy: { methods: ['POST'], shouldRetry: ({ attempt }) => attempt.number < 2 },
    });
    await only(client.post(['https://a.test/', 'https://shop.test/api'], 'tea'));

    expect(tokens()).toEqual([null, 'secret']);
  });

  it('has the header name of withXsrfConfiguration()', async () => {
    const configured = provideHttpClient(withXsrfConfiguration({ headerName: 'X-Own' }));
    const { client, tokens } = sender({}, configured, tokenIs('secret'));
    await only(client.post('api', 'tea'));

    expect(tokens('X-Own')).toEqual(['secret']);
    expect(tokens()).toEqual([null]);
  });

  it('is not sent with withNoXsrfProtection(), without a token, or on a server', async () => {
    for (const providers of [
      [provideHttpClient(withNoXsrfProtection()), tokenIs('secret')],
      [tokenIs(null)],
      [onServer],
    ]) {
      const { client, tokens } = sender({}, ...providers);
      await only(client.post('api', 'tea'));

      expect(tokens()).toEqual([null]);
      TestBed.resetTestingModule();
    }
  });

  it('is that of the moment, and is seen by interceptors', async () => {
    let token = 'first';
    const seen: (string | null)[] = [];
    const { client } = sender(
      {
        interceptors: [
          (request, next) => {
            seen.push(request.headers.get('X-XSRF-TOKEN'));
            return next(request);
          },
        ],
      },
      { provide: HttpXsrfTokenExtractor, useValue: { getToken: () => token } },
    );
    await only(client.post('api', 'tea'));
    token = 'second';
    await only(client.extend({ timeout: 1_000 }).post('api', 'tea'));

    expect(seen).toEqual(['first', 'second']);
  });

  it('never replaces a header set by hand', async () => {
    const { client, tokens } = sender();
    await only(client.post('api', 'tea', { headers: { 'x-xsrf-token': 'own' } }));

    expect(tokens()).toEqual(['own']);
  });
});
