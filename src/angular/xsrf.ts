import { isPlatformServer, PlatformLocation } from '@angular/common';
import { HttpXsrfTokenExtractor, withNoXsrfProtection, withXsrfConfiguration } from '@angular/common/http';
import { inject, PLATFORM_ID, type Provider, type ProviderToken, untracked } from '@angular/core';

import { originOf } from '../http/url.js';
import type { Interceptor } from '../transports/interceptor.js';

/** Injects what one of HttpClient's features provides. Its tokens are not exported, but each feature has its own. */
function injectProvided({ ɵproviders: [provider] }: { readonly ɵproviders: readonly Provider[] }): unknown {
  const token = (provider as { readonly provide?: ProviderToken<unknown> } | undefined)?.provide;
  return token && inject(token, { optional: true });
}

/**
 * Creates the interceptor that sends Angular's XSRF token as HttpClient does: in requests to the page's own origin,
 * except GET and HEAD, by the names of `withXsrfConfiguration()`. A header of that name set by hand stays. It is
 * `undefined` where HttpClient sends no token: on a server, and with `withNoXsrfProtection()`.
 *
 * Call it in an injection context.
 */
export function createXsrfInterceptor(): Interceptor | undefined {
  const tokenExtractor = inject(HttpXsrfTokenExtractor, { optional: true });
  const isDisabled = injectProvided(withNoXsrfProtection()) === false;
  if (!tokenExtractor || isDisabled || isPlatformServer(inject(PLATFORM_ID))) return undefined;
  const configuredName = injectProvided(withXsrfConfiguration({ headerName: '' }));
  const headerName = typeof configuredName === 'string' ? configuredName : 'X-XSRF-TOKEN';
  const location = inject(PlatformLocation);

  return (request, next) => {
    const { method, url, headers } = request;
    if (method === 'GET' || method === 'HEAD' || originOf(url) !== originOf(location.href) || headers.has(headerName)) {
      return next(request);
    }
    const token = untracked(() => tokenExtractor.getToken());
    if (token === null) return next(request);
    const headersWithToken = new Headers(headers);
    headersWithToken.set(headerName, token);
    return next({ ...request, headers: headersWithToken });
  };
}
