import { HttpClient, HttpErrorResponse, type HttpInterceptorFn } from '@angular/common/http';
import { inject, Injectable, signal } from '@angular/core';
import { map, type Observable, tap } from 'rxjs';
import { bearerTokenInterceptor, retryContext } from 'rxjs-retry-client/angular';

/** The user's token. It is in memory only: a page that was just opened has none. */
@Injectable({ providedIn: 'root' })
export class Session {
  readonly #http = inject(HttpClient);
  readonly #token = signal<string | undefined>(undefined);
  readonly #refreshes = signal(0);
  readonly #refused = signal(0);

  readonly token = this.#token.asReadonly();
  /** How often the token was refreshed. */
  readonly refreshes = this.#refreshes.asReadonly();
  /** How many requests the API has answered with 401. */
  readonly refused = this.#refused.asReadonly();

  /** Passes no gate: one of them could hold it until a request that waits for it has ended. */
  refresh(): Observable<string> {
    return this.#http.post<{ token: string }>('/api/refresh', null, { context: retryContext({ gates: [] }) }).pipe(
      map(({ token }) => token),
      tap((token) => {
        this.#token.set(token);
        this.#refreshes.update((count) => count + 1);
      }),
    );
  }

  /** Makes the API refuse the token from now on. No event reports this request: it belongs to the demonstration. */
  expire(): Observable<unknown> {
    return this.#http.post('/api/expire', null, { context: retryContext(false) });
  }

  countRefusal(): void {
    this.#refused.update((count) => count + 1);
  }
}

/** Sends the token, and refreshes it after a 401: once for all requests that wait for it. */
export const bearer = bearerTokenInterceptor({
  token: () => inject(Session).token(),
  refresh: () => inject(Session).refresh(),
  appliesTo: '/',
});

/** Counts each 401. It stands behind `bearer`: before it, a request that is sent again is one request. */
export const countRefusals: HttpInterceptorFn = (request, next) => {
  const session = inject(Session);
  return next(request).pipe(
    tap({
      error: (error: unknown) => {
        if (error instanceof HttpErrorResponse && error.status === 401) session.countRefusal();
      },
    }),
  );
};
