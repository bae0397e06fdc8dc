import {
  AsyncSubject,
  catchError,
  concatMap,
  defaultIfEmpty,
  EMPTY,
  endWith,
  ignoreElements,
  map,
  merge,
  type MonoTypeOperatorFunction,
  NEVER,
  Observable,
  of,
  take,
  takeUntil,
  throwIfEmpty,
} from 'rxjs';

import { emitGivenUp } from '../../retry/nested-runs.js';
import { nextRunNumber } from '../../retry/request-id.js';
import { longTimer } from '../../util/long-timer.js';
import { inOwnRequest } from '../../util/request-context.js';
import { RequestTracker } from './request-tracker.js';
import { askFor, type TokenOptions } from './token-options.js';

/** Calls a function of the app: in an injection context, for example. */
export type Caller = <T>(work: () => T) => T;

/** A refresh under way. */
interface Refresh {
  /** What `token` gave when it began. */
  readonly replaced: string | undefined;
  /** Emits the new token, or `null` if there is none to be had, to all who wait. */
  readonly result$: AsyncSubject<string | null>;
}

const DEFAULT_REFRESH_TIMEOUT_MS = 20_000;

const callHere: Caller = (work) => work();

/**
 * The token of one identity, and its refresh, which all requests share.
 *
 *     idle ──► refreshing ──► idle
 *
 * There is never more than one refresh at a time. It runs to its end, even if nobody waits for it any more: a server
 * accepts most refresh tokens once, so that an aborted refresh can lose the session.
 *
 * The interceptor that `bearerToken()` makes owns one; with Angular, each app does.
 *
 * @typeParam Key - what identifies a request in all of its attempts
 */
export class TokenSource<Key> {
  readonly #options: TokenOptions;
  readonly #stop$: Observable<unknown>;
  readonly #ownRequests = new RequestTracker<Key>();
  #refresh: Refresh | undefined;
  /** The token that the last refresh has replaced, and the new one: `token` may still give the old one. */
  #replaced: string | undefined;
  #replacement: string | undefined;

  /** @param stop$ - ends a refresh under way when it emits */
  constructor(options: TokenOptions, stop$: Observable<unknown> = NEVER) {
    this.#options = options;
    this.#stop$ = stop$;
  }

  /** Whether a request is one that `token` or `refresh` sends. Such a request passes without a token. */
  isOwnRequest(key: Key): boolean {
    return this.#ownRequests.has(key);
  }

  /** Emits the token to send, or `undefined` for none. While this token is refreshed, it waits for the new one. */
  current(call: Caller = callHere): Observable<string | undefined> {
    const token$ = this.#askToken(call);
    return token$.pipe(
      concatMap((token) => {
        const refresh = this.#refresh;
        return refresh && refresh.replaced === token
          ? // Without a new token the app may have signed out, so that it has none any more.
            inOwnRequest(refresh.result$).pipe(concatMap((fresh) => (fresh === null ? token$ : of(fresh))))
          : of(token);
      }),
      map((token) => this.#latest(token)),
    );
  }

  /**
   * Emits the token to send again with after a 401, or `undefined` if there is none. It refreshes the token, unless it
   * has changed since the request was sent.
   *
   * @param sent - the token that the server refused
   */
  renew(sent: string | undefined, call: Caller = callHere): Observable<string | undefined> {
    return this.#askToken(call).pipe(
      concatMap((token): Observable<string | null | undefined> => {
        const refresh = this.#refresh;
        if (refresh && refresh.replaced === token) return inOwnRequest(refresh.result$);
        const latest = this.#latest(token);
        // Another request, another tab or a new sign-in has replaced it; or the user has signed out.
        if (latest !== sent) return of(latest);
        return refresh
          ? // It replaces the token of another session, and there must not be two refreshes at a time.
            afterEnd(refresh).pipe(concatMap(() => this.renew(sent, call)))
          : this.#startRefresh(token, call);
      }),
      map((token) => token ?? undefined),
    );
  }

  #askToken(call: Caller): Observable<string | undefined> {
    return this.#ownRequests
      .track(() => askFor('token', this.#options.token, call).pipe(take(1)))
      .pipe(
        map((token) => token ?? undefined),
        defaultIfEmpty(undefined),
      );
  }

  /** Returns the token that has replaced this one, if one has. A missing token is a sign-out, and stays missing. */
  #latest(token: string | undefined): string | undefined {
    return token !== undefined && token === this.#replaced ? this.#replacement : token;
  }

  /** Refreshes the token when it is subscribed to; unsubscribing leaves the refresh alone. */
  #startRefresh(replaced: string | undefined, call: Caller): Observable<string | null> {
    return new Observable((waiter) => {
      const result$ = new AsyncSubject<string | null>();
      this.#refresh = { replaced, result$ };
      // Before the refresh, which can fail at once: only who is subscribed is told that it has been given up.
      waiter.add(result$.subscribe(waiter));
      const { refreshTimeout = DEFAULT_REFRESH_TIMEOUT_MS } = this.#options;
      this.#ownRequests
        .track(() => askFor('refresh', this.#options.refresh, call).pipe(map(checkFresh), take(1)))
        .pipe(
          throwIfEmpty(() => new TypeError('refresh has completed without a token')),
          limitTime(refreshTimeout === false ? Infinity : refreshTimeout),
          takeUntil(this.#stop$),
        )
        .subscribe({
          next: (token) => {
            this.#refresh = undefined;
            if (token !== null) {
              this.#replaced = replaced;
              this.#replacement = token;
            }
            result$.next(token);
          },
          error: (error: unknown) => {
            this.#refresh = undefined;
            // The runs of those who wait must not retry what the refresh has given up on.
            emitGivenUp({ kind: 'error', error }, nextRunNumber(), () => {
              // eslint-disable-next-line rxjs-x/throw-error -- a refresh can fail with anything
              result$.error(error);
            });
          },
          complete: () => {
            this.#refresh = undefined;
            result$.complete();
          },
        });
    });
  }
}

/** A forgotten `return` gives `undefined`, which is no answer. */
function checkFresh(token: string | null | undefined): string | null {
  if (token !== undefined) return token;
  throw new TypeError('what refresh emits must be a token, or null if there is none to be had, not empty');
}

/** Emits once the refresh has ended, in whatever way. */
function afterEnd({ result$ }: Refresh): Observable<unknown> {
  return inOwnRequest(
    result$.pipe(
      ignoreElements(),
      catchError(() => EMPTY),
      endWith(undefined),
    ),
  );
}

/** Errors when the refresh takes longer than `limit` ms. */
function limitTime<T>(limit: number): MonoTypeOperatorFunction<T> {
  if (limit === Infinity) return (refresh$) => refresh$;
  const tooLate$ = longTimer(limit).pipe(
    map(() => {
      throw new Error(
        `the token refresh has not ended within ${limit} ms (refreshTimeout). If refresh waits for something before it ` +
          'sends its request, that request waits for the refresh: send it by a client without this interceptor, ' +
          'or except it by appliesTo',
      );
    }),
  );
  return (refresh$) => merge(refresh$, tooLate$).pipe(take(1));
}
