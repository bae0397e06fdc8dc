import '@angular/compiler';

import {
  HttpClient,
  HttpContext,
  HttpErrorResponse,
  type HttpEvent,
  HttpEventType,
  type HttpInterceptorFn,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import { effect, inject, InjectionToken, Injector, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { asyncScheduler, concat, defer, map, Observable, of, switchMap, tap, throwError, timer } from 'rxjs';

import {
  bearerTokenInterceptor,
  type BearerTokenInterceptorOptions,
  provideRetryClient,
  injectRetryClient,
  retryContext,
  retryInterceptor,
} from '../../src/angular/index.js';
import { bearerToken, constant } from '../../src/index.js';
import { app, injected } from '../support/angular-app.js';
import { angularNetwork } from '../support/angular-network.js';
import { watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { inVirtualTime } from '../support/virtual-time.js';

const API = 'http://api.test/';

/** The user of a page. */
const USER: InjectionToken<string> = new InjectionToken<string>('user');

/** An app of HttpClient whose token `a` has expired. */
class TokenApp {
  /** The requests that the server got: when, where, and with which token. */
  readonly log: string[] = [];
  stored: string | undefined = 'a';
  valid = 'b';
  refreshes = 0;
  readonly http: HttpClient;
  readonly #server: HttpInterceptorFn = ({ url, headers }) =>
    defer(() => {
      const path = url.slice(API.length);
      const token = headers.get('Authorization')?.replace('Bearer ', '') ?? '-';
      this.log.push(`${String(asyncScheduler.now())} ${path} ${token}`);
      const isRefused = !path.startsWith('token') && (path.startsWith('never') || token !== this.valid);
      const answer$ = timer(Number(/(\d+)ms/.exec(path)?.[1] ?? 10)).pipe(
        switchMap(() =>
          isRefused
            ? throwError(() => new HttpErrorResponse({ status: 401, url }))
            : of(new HttpResponse({ status: 200, url, body: this.valid })),
        ),
      );
      return concat(of({ type: HttpEventType.Sent } as const), answer$);
    });

  constructor(
    options: Partial<BearerTokenInterceptorOptions> = {},
    before: readonly HttpInterceptorFn[] = [retryInterceptor({ backoff: constant(5) })],
    after: readonly HttpInterceptorFn[] = [],
  ) {
    const bearer = bearerTokenInterceptor({
      token: () => this.stored,
      refresh: () => this.refresh(),
      appliesTo: API,
      ...options,
    });
    app(provideHttpClient(withInterceptors([...before, bearer, ...after, this.#server])));
    this.http = TestBed.inject(HttpClient);
  }

  refresh(): Observable<string> {
    return defer(() => {
      this.refreshes += 1;
      return timer(20).pipe(
        map(() => this.valid),
        tap((token) => (this.stored = token)),
      );
    });
  }

  get(path: string, at = 0, context = new HttpContext()): string[] {
    const request = this.http.get(API + path, { observe: 'response', context });
    return watch(at === 0 ? request : timer(at).pipe(switchMap(() => request)), ({ status }) => String(status)).lines;
  }
}

function scene(
  title: string,
  options: Partial<BearerTokenInterceptorOptions>,
  body: (app: TokenApp, run: () => void) => void,
  before?: readonly HttpInterceptorFn[],
  after?: readonly HttpInterceptorFn[],
): void {
  it(title, () => {
    inVirtualTime(({ flush }) => {
      body(new TokenApp(options, before, after), flush);
    });
  });
}

describe('bearerTokenInterceptor', () => {
  scene('refreshes the token after a 401, and sends the request again once', {}, (app, run) => {
    const lines = app.get('1');
    const never = app.get('never', 50);
    run();
    expect(app.log).toEqual(['0 1 a', '30 1 b', '50 never b', '80 never b']);
    expect(lines).toEqual(['40 200', '40 complete']);
    expect(never.join()).toContain('90 error');
  });

  scene('has one refresh for all that wait, and none for a late 401', {}, (app, run) => {
    for (const [path, at] of [
      ['1', 0],
      ['2', 5],
      ['3', 15],
      ['4-60ms', 0],
    ] as const) {
      app.get(path, at);
    }
    run();
    expect(app.refreshes).toBe(1);
    expect([...app.log].sort()).toEqual(['0 1 a', '0 4-60ms a', '30 1 b', '30 2 b', '30 3 b', '5 2 a', '60 4-60ms b']);
  });

  scene(
    'works before retryInterceptor, too',
    {},
    (app, run) => {
      const lines = app.get('1');
      run();
      expect(app.log).toEqual(['0 1 a', '30 1 b']);
      expect(lines).toEqual(['40 200', '40 complete']);
    },
    [],
    [retryInterceptor()],
  );

  it('throws the refused response as it is where refresh gives null, and the second one as it is', async () => {
    for (const [refresh, requests] of [
      [() => null, 1],
      [() => 'b', 2],
    ] as const) {
      const errors = [1, 2].map(() => new HttpErrorResponse({ status: 401, url: API }));
      const scripted = angularNetwork(...errors.map((error) => throwError(() => error)));
      app(
        provideHttpClient(
          withInterceptors([
            bearerTokenInterceptor({ token: () => 'a', refresh, appliesTo: API }),
            scripted.interceptor,
          ]),
        ),
      );
      expect(await failureOf(TestBed.inject(HttpClient).get(API))).toBe(errors[requests - 1]);
      expect(scripted.requests.length).toBe(requests);
      TestBed.resetTestingModule();
    }
  });

  it('lets the events of both sendings pass', async () => {
    const scripted = angularNetwork(401, 200);
    app(
      provideHttpClient(
        withInterceptors([
          bearerTokenInterceptor({ token: () => 'a', refresh: () => 'b', appliesTo: API }),
          scripted.interceptor,
        ]),
      ),
    );
    const { values } = await settled<HttpEvent<unknown>>(
      TestBed.inject(HttpClient).post(API, 'x', { observe: 'events' }),
    );
    expect(values.map(({ type }) => type)).toEqual([HttpEventType.Sent, HttpEventType.Sent, HttpEventType.Response]);
  });

  const down = new HttpErrorResponse({ status: 503, url: `${API}token` });
  scene(
    'fails all that wait with the error of the refresh, and retries none',
    { refresh: () => timer(20).pipe(switchMap(() => throwError(() => down))) },
    (app, run) => {
      const errors: unknown[] = [];
      for (const at of [0, 5, 15]) {
        timer(at)
          .pipe(switchMap(() => app.http.get(`${API}${String(at)}`)))
          .subscribe({ error: (error: unknown) => errors.push(error, asyncScheduler.now()) });
      }
      run();
      expect(errors).toEqual([down, 30, down, 30, down, 30]);
      expect(app.log).toEqual(['0 0 a', '5 5 a']);
    },
  );

  it('leaves the requests of refresh outside, in all of their attempts', () => {
    inVirtualTime(({ flush }) => {
      const context = retryContext({ statuses: [401], attempts: 2 });
      const app: TokenApp = new TokenApp({ refresh: () => app.http.get<string>(`${API}never`, { context }) });
      const lines = app.get('1');
      app.get('2', 15);
      flush();
      expect(app.log).toEqual(['0 1 a', '10 never -', '25 never -']);
      expect(lines.join()).toContain('35 error');
    });
  });

  it('leaves an async refresh outside that sends before it awaits', async () => {
    const app: TokenApp = new TokenApp({ refresh: async () => only(app.http.get<string>(`${API}token0ms`)) });
    await only(app.http.get(`${API}0ms`));
    expect(app.log.map((line) => line.split(' ').slice(1).join(' '))).toEqual(['0ms a', 'token0ms -', '0ms b']);
  });

  it('ends in words where refresh waits for itself', () => {
    inVirtualTime(({ flush }) => {
      const app: TokenApp = new TokenApp({
        refresh: () => timer(1).pipe(switchMap(() => app.http.get<string>(`${API}token`))),
      });
      const lines = app.get('1');
      flush();
      expect(lines.join()).toMatch(/^20010 error: .*except it by appliesTo/);
    });
  });

  scene('who waits can leave, and the refresh goes on', {}, (app, run) => {
    const request = app.http.get(`${API}1`).subscribe();
    timer(20).subscribe(() => {
      request.unsubscribe();
    });
    run();
    expect(app.stored).toBe('b');
    expect(app.log).toEqual(['0 1 a']);
  });

  scene(
    'ends a refresh with the app',
    { refresh: () => new Observable(() => () => (ended = asyncScheduler.now())), refreshTimeout: false },
    (app, run) => {
      ended = undefined;
      const lines = app.get('1');
      timer(15).subscribe(() => TestBed.resetTestingModule());
      run();
      expect(ended as number | undefined).toBe(15);
      expect(lines).toEqual(['15 complete']);
    },
  );
  let ended: number | undefined;

  it('shares nothing between two pages: the token of one user never reaches another', () => {
    const options: BearerTokenInterceptorOptions = {
      token: () => inject(USER),
      refresh: () => `${inject(USER)}-new`,
      appliesTo: API,
    };
    const bearer = bearerTokenInterceptor(options);
    const tokens: (string | null)[][] = [];
    for (let page = 1; page <= 2; page += 1) {
      const scripted = angularNetwork(401, 200);
      app(provideHttpClient(withInterceptors([bearer, scripted.interceptor])), { provide: USER, useValue: 'same' });
      TestBed.inject(HttpClient).get(API).subscribe();
      tokens.push(scripted.requests.map(({ headers }) => headers.get('Authorization')));
      TestBed.resetTestingModule();
    }
    // With shared state, the second page would begin with the new token of the first.
    expect(tokens).toEqual([
      ['Bearer same', 'Bearer same-new'],
      ['Bearer same', 'Bearer same-new'],
    ]);
  });

  it('has one state for all of an app, also where refreshing began', () => {
    const scripted = angularNetwork(401, 200);
    app(
      provideHttpClient(
        withInterceptors([
          bearerTokenInterceptor({ token: () => 'a', refresh: () => 'b', appliesTo: API }),
          scripted.interceptor,
        ]),
      ),
    );
    for (let count = 0; count < 2; count += 1) TestBed.inject(HttpClient).get(API).subscribe();
    expect(scripted.requests.map(({ headers }) => headers.get('Authorization'))).toEqual([
      'Bearer a',
      'Bearer b',
      'Bearer b',
    ]);
  });

  it('runs its functions in an injection context, and an effect that sends does not depend on their signals', () => {
    const token = signal('a');
    const scripted = angularNetwork(200);
    let runs = 0;
    app(
      provideHttpClient(
        withInterceptors([
          bearerTokenInterceptor({
            token: () => {
              inject(USER);
              return token();
            },
            refresh: () => inject(USER),
            appliesTo: () => inject(USER) === 'ada' && token() !== '',
          }),
          scripted.interceptor,
        ]),
      ),
      { provide: USER, useValue: 'ada' },
    );
    const http = TestBed.inject(HttpClient);
    effect(
      () => {
        runs += 1;
        http.get(API).subscribe();
      },
      { injector: TestBed.inject(Injector) },
    );
    TestBed.tick();
    token.set('b');
    TestBed.tick();
    expect(runs).toBe(1);
    expect(scripted.requests[0]!.headers.get('Authorization')).toBe('Bearer a');
  });

  for (const [title, appliesTo, applies] of [
    ['an origin', API, [true, false, false]],
    ['several origins', [API, new URL('http://b.test')], [true, true, false]],
    ['the origin of the app', '/', [false, false, true]],
    ['a function', ({ url }: { readonly url: string }) => !url.startsWith('http:'), [false, false, true]],
  ] as const) {
    it(`applies to ${title}`, () => {
      const scripted = angularNetwork(200);
      app(
        provideHttpClient(
          withInterceptors([
            bearerTokenInterceptor({ token: () => 't', refresh: () => 'r', appliesTo: appliesTo }),
            scripted.interceptor,
          ]),
        ),
      );
      for (const url of [`${API}x`, 'http://b.test/x', 'list?q=1']) TestBed.inject(HttpClient).get(url).subscribe();
      expect(scripted.requests.map(({ headers }) => headers.has('Authorization'))).toEqual([...applies]);
    });
  }

  it('judges each attempt by the URL that it goes to', async () => {
    const scripted = angularNetwork(503, 401);
    const strategy = { backoff: constant(0) };
    app(
      provideHttpClient(
        withInterceptors([
          retryInterceptor(strategy),
          bearerTokenInterceptor({ token: () => 't', refresh: () => 'r', appliesTo: API }),
          scripted.interceptor,
        ]),
      ),
    );
    await settled(TestBed.inject(HttpClient).get(API, { context: retryContext({ urls: 'http://b.test/' }) }));
    expect(scripted.requests.map(({ headers }) => headers.get('Authorization'))).toEqual(['Bearer t', null]);
  });

  it('leaves a header of the request alone, and a 401 that a redirect to another origin led to', async () => {
    const scripted = angularNetwork(
      401,
      throwError(() => new HttpErrorResponse({ status: 401, url: 'http://login.test/' })),
    );
    app(
      provideHttpClient(
        withInterceptors([
          bearerTokenInterceptor({ token: () => 't', refresh: () => 'r', appliesTo: API }),
          scripted.interceptor,
        ]),
      ),
    );
    const http = TestBed.inject(HttpClient);
    await settled(http.get(API, { headers: { authorization: 'own' } }));
    await settled(http.get(API));
    expect(scripted.requests.map(({ headers }) => headers.get('Authorization'))).toEqual(['own', 'Bearer t']);
  });

  it('fails with another error than a 401 as it is', async () => {
    const bug = new Error('bug');
    app(
      provideHttpClient(
        withInterceptors([
          bearerTokenInterceptor({ token: () => 't', refresh: () => 'r', appliesTo: API }),
          () => throwError(() => bug),
        ]),
      ),
    );
    expect(await failureOf(TestBed.inject(HttpClient).get(API))).toBe(bug);
  });

  it('checks its options', () => {
    const good: BearerTokenInterceptorOptions = { token: () => 't', refresh: () => 'r', appliesTo: '/' };
    const refuses = (options: object, kind: ErrorConstructor, ...parts: string[]): void => {
      expectRefusal(() => bearerTokenInterceptor(options as never), [kind], ...parts);
    };
    refuses({ ...good, appliesTo: undefined }, TypeError, 'appliesTo', 'undefined');
    refuses({ ...good, appliesTo: 'http://' }, RangeError, 'appliesTo', "'http://'");
    refuses(
      { ...good, appliesTo: 'ftp://a.test' },
      RangeError,
      'appliesTo must be a URL of http or https',
      'ftp://a.test',
    );
    refuses({ ...good, refresh: 'x' }, TypeError, 'refresh must be a function', "'x'");
    refuses({ ...good, appliesto: '/' }, TypeError, 'unknown option "appliesto"', 'appliesTo');
  });
});

describe('bearerToken in the client of provideRetryClient', () => {
  it('has its origins from baseUrl', () => {
    const scripted = network(401, 200);
    app(
      provideRetryClient(() => ({
        baseUrl: API,
        interceptors: [bearerToken({ token: () => 'a', refresh: () => 'b' }), scripted.interceptor],
      })),
    );
    injected(injectRetryClient).get('x').subscribe();
    expect(scripted.header('authorization')).toEqual(['Bearer a', 'Bearer b']);
  });
});
