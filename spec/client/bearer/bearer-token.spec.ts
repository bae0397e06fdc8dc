import {
  asyncScheduler,
  BehaviorSubject,
  concatMap,
  defer,
  EMPTY,
  map,
  NEVER,
  Observable,
  of,
  type Subscription,
  switchMap,
  tap,
  throwError,
  timer,
} from 'rxjs';

import {
  type AttemptRequest,
  bearerToken,
  type BearerTokenOptions,
  concurrencyLimit,
  constant,
  HttpNetworkError,
  type HttpStatusError,
  type Interceptor,
  RetryClient,
  type RetryStrategy,
  text,
} from '../../../src/index.js';
import { listen, plot } from '../../support/attempt-events.js';
import { watch } from '../../support/event-log.js';
import { expectRefusal } from '../../support/expect-refusal.js';
import { network } from '../../support/scripted-network.js';
import { failureOf, only } from '../../support/settled.js';
import { inVirtualTime } from '../../support/virtual-time.js';

const API = 'http://api.test/';

/** An app whose token `a` has expired, in virtual time. */
class App {
  /** The requests that the server got: when, where, and with which token. */
  readonly log: string[] = [];
  /** The token that the app has stored, and the one that the server accepts. */
  stored: string | undefined = 'a';
  valid = 'b';
  refreshes = 0;
  /** Answers after 10 ms, or after as many as the path says. A path with `never` is refused with any token. */
  readonly server: Interceptor = ({ url, headers }) =>
    defer(() => {
      const path = url.slice(API.length);
      const token = headers.get('authorization')?.replace('Bearer ', '') ?? '-';
      this.log.push(`${String(asyncScheduler.now())} ${path} ${token}`);
      const latency = Number(/(\d+)ms/.exec(path)?.[1] ?? 10);
      return timer(latency).pipe(
        map(() =>
          path.startsWith('token')
            ? new Response(this.valid)
            : new Response(null, { status: path.startsWith('never') || token !== this.valid ? 401 : 200 }),
        ),
      );
    });

  readonly client: RetryClient;

  constructor(options: Partial<BearerTokenOptions> = {}, strategy: RetryStrategy = {}) {
    this.client = new RetryClient({
      baseUrl: API,
      strategy: { backoff: constant(5), ...strategy },
      interceptors: [bearerToken({ token: () => this.stored, refresh: () => this.refresh(), ...options }), this.server],
    });
  }

  /** Takes 20 ms, and stores the token. */
  refresh(): Observable<string> {
    return defer(() => {
      this.refreshes += 1;
      return timer(20).pipe(
        map(() => this.valid),
        tap((token) => (this.stored = token)),
      );
    });
  }

  /** Sends a request at some time; returns what becomes of it. */
  get(path: string, at = 0): string[] {
    const request = this.client.get(path);
    return watch(at === 0 ? request : timer(at).pipe(switchMap(() => request)), ({ status }) => String(status)).lines;
  }

  at(ms: number, work: () => void): Subscription {
    return timer(ms).subscribe(work);
  }
}

/** Defines a spec about an app. */
function scene(title: string, options: Partial<BearerTokenOptions>, body: (app: App, run: () => void) => void): void {
  it(title, () => {
    inVirtualTime(({ flush }) => {
      body(new App(options), flush);
    });
  });
}

describe('bearerToken sends the token,', () => {
  scene('and asks for it anew for each request', {}, (app, run) => {
    app.valid = 'a';
    app.get('1');
    app.at(15, () => (app.stored = app.valid = 'c'));
    const late = app.get('2', 20);
    run();
    expect(app.log).toEqual(['0 1 a', '20 2 c']);
    expect(late).toEqual(['30 200', '30 complete']);
    expect(app.refreshes).toBe(0);
  });

  const tokens: readonly [string, BearerTokenOptions['token']][] = [
    ['a string', () => 'b'],
    ['an Observable', () => of('b', 'not this')],
    ['an array', () => ['b', 'c']],
    [
      'a generator without end',
      () =>
        (function* () {
          for (;;) yield 'b';
        })(),
    ],
    ['no function but a BehaviorSubject', new BehaviorSubject('b')],
  ];
  for (const [title, token] of tokens) {
    scene(`which may be ${title}`, { token }, (app, run) => {
      expect(app.get('1')).toEqual([]);
      run();
      expect(app.log).toEqual(['0 1 b']);
    });
  }

  it('which may be a promise, and so may be what refresh returns', async () => {
    const app: App = new App({
      token: () => Promise.resolve(app.stored),
      refresh: () => Promise.resolve('b'),
    });
    expect((await only(app.client.get('0ms'))).status).toBe(200);
    expect(app.log.map((line) => line.split(' ')[2])).toEqual(['a', 'b']);
  });

  for (const none of [undefined, null, '', EMPTY]) {
    scene(
      `or no header for ${none === EMPTY ? 'an empty Observable' : none === undefined ? 'undefined' : JSON.stringify(none)}`,
      { token: () => none },
      (app, run) => {
        app.valid = '-';
        app.get('1');
        run();
        expect(app.log).toEqual(['0 1 -']);
      },
    );
  }

  it('synchronously where token, refresh and network are', () => {
    const scripted = network(401, 200);
    const client = new RetryClient({
      baseUrl: API,
      interceptors: [bearerToken({ token: () => 'a', refresh: () => 'b' }), scripted.interceptor],
    });
    const statuses: number[] = [];
    client.get('x').subscribe(({ status }) => statuses.push(status));
    expect(statuses).toEqual([200]);
    expect(scripted.header('authorization')).toEqual(['Bearer a', 'Bearer b']);
  });

  it('and keeps all else of the request', async () => {
    const scripted = network(401, 200);
    const client = new RetryClient({
      baseUrl: API,
      interceptors: [bearerToken({ token: () => 'a', refresh: () => 'b' }), scripted.interceptor],
    });
    await only(client.post('x', { a: 1 }, { headers: { 'x-own': '1' }, credentials: 'include' }));
    expect(
      scripted.requests.map(({ method, url, headers, body, init }) => [
        method,
        url,
        Object.fromEntries(headers),
        body,
        init,
      ]),
    ).toEqual(
      ['a', 'b'].map((token) => [
        'POST',
        `${API}x`,
        { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-own': '1' },
        '{"a":1}',
        { credentials: 'include' },
      ]),
    );
  });

  scene('never over an authorization header of the request, whose 401 stands', {}, (app, run) => {
    const { lines } = watch(app.client.get('1', { headers: { Authorization: 'own' } }), ({ status }) => String(status));
    run();
    expect(lines).toEqual(['10 401', '10 complete']);
    expect(app.log).toEqual(['0 1 own']);
    expect(app.refreshes).toBe(0);
  });
});

describe('After a 401, bearerToken', () => {
  scene('refreshes the token, and sends the request again once', {}, (app, run) => {
    const lines = app.get('1');
    run();
    expect(app.log).toEqual(['0 1 a', '30 1 b']);
    expect(lines).toEqual(['40 200', '40 complete']);
  });

  scene('has one refresh for all that wait, whenever they began', {}, (app, run) => {
    const requests = [app.get('1'), app.get('2'), app.get('3', 5), app.get('4', 15), app.get('5', 29)];
    run();
    expect(app.refreshes).toBe(1);
    expect(app.log.slice(0, 3)).toEqual(['0 1 a', '0 2 a', '5 3 a']);
    expect(app.log.slice(3).sort()).toEqual(['30 1 b', '30 2 b', '30 3 b', '30 4 b', '30 5 b']);
    for (const lines of requests) expect(lines).toEqual(['40 200', '40 complete']);
  });

  scene('does not refresh again for a late 401 of an old token', {}, (app, run) => {
    app.get('1');
    const late = app.get('2-60ms');
    run();
    expect(app.refreshes).toBe(1);
    expect(app.log).toEqual(['0 1 a', '0 2-60ms a', '30 1 b', '60 2-60ms b']);
    expect(late).toEqual(['120 200', '120 complete']);
  });

  scene('does not refresh where another tab has', {}, (app, run) => {
    app.at(5, () => (app.stored = 'b'));
    app.get('1');
    run();
    expect(app.refreshes).toBe(0);
    expect(app.log).toEqual(['0 1 a', '10 1 b']);
  });

  scene('leaves the second 401 as it is', {}, (app, run) => {
    const lines = app.get('never');
    run();
    expect(app.log).toEqual(['0 never a', '30 never b']);
    expect(lines).toEqual(['40 401', '40 complete']);
    expect(app.refreshes).toBe(1);
  });

  scene('refreshes once per attempt where the strategy retries a 401', {}, (app, run) => {
    const strategy = { statuses: [401], attempts: 2 };
    const { lines } = watch(app.client.get('never', { strategy }), ({ status }) => String(status));
    run();
    expect(app.log).toEqual(['0 never a', '30 never b', '45 never b', '75 never b']);
    expect(lines).toEqual(['85 401', '85 complete']);
    expect(app.refreshes).toBe(2);
  });

  it('leaves other statuses alone', async () => {
    for (const status of [400, 403, 407, 419]) {
      const scripted = network(status);
      let refreshes = 0;
      const client = new RetryClient({
        baseUrl: API,
        interceptors: [
          bearerToken({ token: () => 'a', refresh: () => String((refreshes += 1)) }),
          scripted.interceptor,
        ],
      });
      expect((await only(client.get('x'))).status).toBe(status);
      expect([scripted.requests.length, refreshes]).toEqual([1, 0]);
    }
  });

  scene('uses the new token though token still gives the old one', { token: () => 'a' }, (app, run) => {
    app.get('1');
    app.get('2', 50);
    app.at(70, () => (app.valid = 'c'));
    app.get('3', 80);
    app.get('4', 120);
    run();
    expect(app.log).toEqual(['0 1 a', '30 1 b', '50 2 b', '80 3 b', '110 3 c', '120 4 c']);
  });

  for (const refreshTimeout of [undefined, false] as const) {
    const title = `takes the first value of refresh (refreshTimeout: ${String(refreshTimeout)})`;
    scene(title, { refresh: () => of('b', 'c'), refreshTimeout }, (app, run) => {
      app.get('1');
      run();
      expect(app.log).toEqual(['0 1 a', '10 1 b']);
    });
  }

  scene('refreshes a token that is missing', {}, (app, run) => {
    app.stored = undefined;
    const lines = app.get('1');
    app.get('2', 15);
    run();
    expect(app.log).toEqual(['0 1 -', '30 1 b', '30 2 b']);
    expect(lines).toEqual(['40 200', '40 complete']);
  });

  scene('sends no token of a session that has ended', { refresh: () => timer(20).pipe(map(() => 'b')) }, (app, run) => {
    app.stored = undefined;
    app.get('1');
    app.get('2', 50);
    run();
    expect(app.log.slice(0, 3)).toEqual(['0 1 -', '30 1 b', '50 2 -']);
  });

  scene('does not send again when the app has signed out meanwhile', {}, (app, run) => {
    app.at(5, () => (app.stored = undefined));
    const lines = app.get('1');
    run();
    expect(app.log).toEqual(['0 1 a']);
    expect(lines).toEqual(['10 401', '10 complete']);
    expect(app.refreshes).toBe(0);
  });

  scene('lets a request of a new session pass while the old one is refreshed', {}, (app, run) => {
    app.get('1');
    app.at(15, () => (app.stored = 'x'));
    app.get('2', 16);
    app.at(27, () => (app.stored = 'x'));
    run();
    expect(app.log.slice(0, 2)).toEqual(['0 1 a', '16 2 x']);
  });

  scene('has no two refreshes at a time, not even of two sessions', {}, (app, run) => {
    let running = 0;
    let most = 0;
    const client = new RetryClient({
      baseUrl: API,
      interceptors: [
        bearerToken({
          token: () => app.stored,
          refresh: () => {
            most = Math.max(most, (running += 1));
            return timer(20).pipe(
              map(() => {
                running -= 1;
                return 'r';
              }),
            );
          },
        }),
        app.server,
      ],
    });
    const first = watch(client.get('1'), ({ status }) => String(status));
    app.at(11, () => (app.stored = 'x'));
    app.at(12, () => client.get('2').subscribe());
    run();
    expect(most).toBe(1);
    expect(first.lines).toEqual(['40 401', '40 complete']);
    expect(app.log).toEqual(['0 1 a', '12 2 x', '30 1 r', '50 2 r']);
  });

  scene(
    'lets the 401 stand where refresh gives null, and asks again for who waited',
    { refresh: () => timer(20).pipe(map(() => null)) },
    (app, run) => {
      const lines = app.get('1');
      const waiting = app.get('2', 15);
      app.at(25, () => (app.stored = undefined));
      run();
      expect(lines).toEqual(['30 401', '30 complete']);
      expect(app.log.slice(0, 2)).toEqual(['0 1 a', '30 2 -']);
      expect(waiting.at(-1)).toMatch(/complete/);
    },
  );

  scene('shows one attempt in the events', {}, (app, run) => {
    const events = listen(app.client.attempts$);
    app.get('1');
    run();
    expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
  });
});

describe('When the refresh of bearerToken fails,', () => {
  const down = new HttpNetworkError({
    attempt: {
      number: 1,
      of: 1,
      requestId: 'auth',
      startedAt: 0,
      method: 'POST',
      url: 'http://auth.test/',
      context: {},
    },
  });

  scene(
    'all that wait fail with its error, and no attempt of theirs is retried',
    { refresh: () => timer(20).pipe(switchMap(() => throwError(() => down))) },
    (app, run) => {
      const events = listen(app.client.attempts$);
      const errors: unknown[] = [];
      const send = (at: number): void => {
        timer(at)
          .pipe(switchMap(() => app.client.get(String(at))))
          .subscribe({ error: (error: unknown) => errors.push(error, asyncScheduler.now()) });
      };
      for (const at of [0, 5, 15]) send(at);
      run();
      expect(errors).toEqual([down, 30, down, 30, down, 30]);
      expect(app.log).toEqual(['0 0 a', '5 5 a']);
      expect(plot(events).filter((line) => line.startsWith('failure'))).toEqual(Array(3).fill('failure 1 permanent'));
    },
  );

  it('so it is when it fails at once, or through a promise', async () => {
    for (const refresh of [
      () => throwError(() => down),
      () => Promise.reject(down),
      () => {
        throw down;
      },
    ]) {
      const scripted = network(401);
      const client = new RetryClient({
        baseUrl: API,
        strategy: { backoff: constant(0) },
        interceptors: [bearerToken({ token: () => 'a', refresh }), scripted.interceptor],
      });
      const failures = await Promise.all([failureOf(client.get('1')), failureOf(client.get('2'))]);
      expect(failures).toEqual([down, down]);
      // While the promise is pending, the second request waits.
      expect(scripted.requests.length).toBeLessThan(3);
    }
  });

  let tries = 0;
  scene(
    'the next 401 refreshes anew',
    {
      refresh: () =>
        timer(20).pipe(switchMap(() => ((tries += 1) % 2 ? throwError(() => new Error('down')) : of('b')))),
    },
    (app, run) => {
      const first = app.get('1');
      const second = app.get('2', 50);
      run();
      expect(first).toEqual(['30 error: down']);
      expect(second).toEqual(['90 200', '90 complete']);
    },
  );

  const bad: readonly [string, BearerTokenOptions['refresh'], RegExp][] = [
    ['is empty', () => EMPTY, /refresh has completed without a token/],
    ['emits undefined', () => of(undefined as never), /what refresh emits must be a token, or null/],
    ['returns nothing', (() => undefined) as never, /what refresh emits must be a token, or null/],
    ['emits no token', () => of({ secret: 1 } as never), /what refresh emits must be a token .* not an object/],
    [
      'emits the scheme, too',
      () => of('Bearer secret'),
      /^TypeError: what refresh emits must be a token .* without the word Bearer, not another string$/,
    ],
    ['emits a line break', () => of('secret\n'), /^TypeError: what refresh emits must be a token (?!.*secret)/],
    ['returns what is no input', (() => 7) as never, /what refresh emits must be a token .* not 7/],
    ['returns a function', (() => () => 'b') as never, /what refresh returns must be a token, .* not a function/],
  ];
  for (const [title, refresh, message] of bad) {
    it(`the error has words where it ${title}`, async () => {
      const { interceptor } = network(401);
      const client = new RetryClient({
        baseUrl: API,
        interceptors: [bearerToken({ token: () => 'a', refresh }), interceptor],
      });
      expect(String(await failureOf(client.get('x')))).toMatch(message);
    });
  }

  it('the error has words where token gives none, and does not show it', async () => {
    const { interceptor } = network(200);
    const client = new RetryClient({
      baseUrl: API,
      interceptors: [bearerToken({ token: () => 'my secret', refresh: () => 'b' }), interceptor],
    });
    expect(String(await failureOf(client.get('x')))).toMatch(
      /^TypeError: what token emits must be a token (?!.*secret)/,
    );
  });

  it('or token fails, that is the error of the request', async () => {
    const locked = new Error('locked');
    const { interceptor } = network(200);
    const client = new RetryClient({
      baseUrl: API,
      interceptors: [bearerToken({ token: () => throwError(() => locked), refresh: () => 'b' }), interceptor],
    });
    expect(await failureOf(client.get('x'))).toBe(locked);
  });
});

describe('Who waits for a refresh of bearerToken', () => {
  scene('can leave; the refresh goes on, since its token may be good for one use', {}, (app, run) => {
    const request = app.client.get('1').subscribe();
    const waiting = timer(15)
      .pipe(switchMap(() => app.client.get('2')))
      .subscribe();
    app.at(20, () => {
      request.unsubscribe();
      waiting.unsubscribe();
    });
    app.at(25, () => {
      expect(app.stored).toBe('a');
    });
    app.get('3', 50);
    run();
    expect(app.stored).toBe('b');
    expect(app.log).toEqual(['0 1 a', '50 3 b']);
    expect(app.refreshes).toBe(1);
  });

  scene('is ended by totalTimeout, while others wait on', {}, (app, run) => {
    const { lines } = watch(app.client.get('1', { totalTimeout: 20 }), ({ status }) => String(status));
    const other = app.get('2');
    run();
    expect(lines.length).toBe(1);
    expect(lines[0]).toMatch(/^20 error: .*20 ms/);
    expect(other).toEqual(['40 200', '40 complete']);
  });

  scene('is ended by timeout, and then the next attempt waits', {}, (app, run) => {
    const { lines } = watch(app.client.get('1', { timeout: 18 }), ({ status }) => String(status));
    run();
    expect(app.log).toEqual(['0 1 a', '30 1 b']);
    expect(lines).toEqual(['40 200', '40 complete']);
    expect(app.refreshes).toBe(1);
  });

  scene('is told when the refresh takes longer than 20 s', { refresh: () => NEVER }, (app, run) => {
    const lines = app.get('1');
    const other = app.get('2', 100);
    const next = app.get('3', 20_015);
    run();
    expect(lines.join()).toMatch(/^20010 error: .*the token refresh has not ended within 20000 ms \(refreshTimeout\)/);
    expect(other.join()).toMatch(/^20010 error: .*the token refresh/);
    expect(next.join()).toMatch(/^40025 error: .*the token refresh/);
  });

  scene('is told earlier or never by refreshTimeout', { refresh: () => NEVER, refreshTimeout: 50 }, (app, run) => {
    const lines = app.get('1');
    run();
    expect(lines.join()).toMatch(/^60 error: .*within 50 ms/);
  });

  scene(
    'waits for a sign-in without a limit',
    { refresh: () => timer(3_600_000).pipe(map(() => 'b')), refreshTimeout: false },
    (app, run) => {
      const { lines } = watch(app.client.get('1', { timeout: false }), ({ status }) => String(status));
      run();
      expect(lines).toEqual(['3600020 200', '3600020 complete']);
    },
  );
});

describe('The refresh of bearerToken through the same client', () => {
  it('is outside: it has no token, does not wait, and its 401 refreshes nothing', () => {
    inVirtualTime(({ flush }) => {
      const app: App = new App({
        refresh: () => app.client.get('token').pipe(map(({ status }) => (status === 200 ? 'b' : null))),
      });
      const requests = [app.get('1'), app.get('2', 15)];
      flush();
      expect(app.log).toEqual(['0 1 a', '10 token -', '20 1 b', '20 2 b']);
      for (const lines of requests) expect(lines.at(-1)).toBe('30 complete');
    });
  });

  it('is outside in all of its attempts, and its final 401 is the error of all', () => {
    inVirtualTime(({ flush }) => {
      const app: App = new App({
        refresh: () =>
          app.client.get('never', {
            strategy: { statuses: [401], attempts: 3 },
            selector: text(),
            throwHttpErrors: true,
          }),
      });
      const lines = app.get('1');
      flush();
      expect(app.log).toEqual(['0 1 a', '10 never -', '25 never -', '40 never -']);
      expect(lines.join()).toContain('401');
    });
  });

  it('is outside in an async function that sends before it awaits', async () => {
    const app: App = new App({
      refresh: async () => (await only(app.client.get('token0ms'))).text(),
    });
    const strategy = { backoff: constant(0) };
    expect((await only(app.client.get('0ms', { strategy }))).status).toBe(200);
    expect(app.log.map((line) => line.split(' ').slice(1).join(' '))).toEqual(['0ms a', 'token0ms -', '0ms b']);
  });

  it('ends in an error with words where it sends later, and waits for itself', () => {
    inVirtualTime(({ flush }) => {
      const app: App = new App({
        refresh: () =>
          timer(1).pipe(
            switchMap(() => app.client.get('token')),
            map(() => 'b'),
          ),
      });
      const lines = app.get('1');
      flush();
      expect(lines.join()).toMatch(
        /^20010 error: .*send it by a client without this interceptor, or except it by appliesTo/,
      );
      expect(app.log).toEqual(['0 1 a']);
    });
  });

  it('may send later by the client that extend() was called on', async () => {
    const log: string[] = [];
    const plain = new RetryClient({
      baseUrl: API,
      fetch: (url, init) => {
        const token = new Headers(init.headers).get('authorization') ?? '-';
        log.push(`${url.slice(API.length)} ${token}`);
        return Promise.resolve(new Response('b', { status: token === 'Bearer a' ? 401 : 200 }));
      },
    });
    const refresh = async (): Promise<string> => {
      await Promise.resolve();
      return only(plain.get('token', { selector: text() }));
    };
    const client = plain.extend({ interceptors: [bearerToken({ token: () => 'a', refresh })] });
    expect((await only(client.get('1'))).status).toBe(200);
    expect(log).toEqual(['1 Bearer a', 'token -', '1 Bearer b']);
  });

  it('may send later where appliesTo excepts it', () => {
    inVirtualTime(({ flush }) => {
      const app: App = new App({
        appliesTo: ({ url }) => new URL(url).origin === 'http://api.test' && !url.endsWith('/token'),
        refresh: () =>
          timer(1).pipe(
            switchMap(() => app.client.get('token')),
            map(() => 'b'),
          ),
      });
      const lines = app.get('1');
      flush();
      expect(lines).toEqual(['31 200', '31 complete']);
      expect(app.log).toEqual(['0 1 a', '11 token -', '21 1 b']);
    });
  });

  it('does not deadlock behind concurrencyLimit({ max: 1 }), with gates: []', () => {
    inVirtualTime(({ flush }) => {
      const limit = concurrencyLimit({ max: 1 });
      const app: App = new App(
        { refresh: () => app.client.get('token', { strategy: { gates: [] } }).pipe(map(() => (app.stored = 'b'))) },
        { gates: [limit] },
      );
      const requests = [app.get('1'), app.get('2'), app.get('3', 15)];
      flush();
      expect(app.log).toEqual(['0 1 a', '10 token -', '20 1 b', '30 2 b', '40 3 b']);
      expect(requests.map((lines) => lines.at(-1))).toEqual(['30 complete', '40 complete', '50 complete']);
      expect(limit.snapshot('http://api.test')).toEqual(jasmine.objectContaining({ inFlight: 0, queued: 0 }));
    });
  });

  it('fails within 20 s behind that limit without gates: []', () => {
    inVirtualTime(({ flush }) => {
      const app: App = new App(
        { refresh: () => app.client.get('token').pipe(map(() => (app.stored = 'b'))) },
        { gates: [concurrencyLimit({ max: 1 })] },
      );
      const lines = app.get('1');
      flush();
      expect(lines.join()).toMatch(/^20010 error: .*the token refresh has not ended/);
    });
  });

  it('lets token send a request, too', () => {
    inVirtualTime(({ flush }) => {
      const app: App = new App({ token: () => app.client.get('token-of-session').pipe(map(() => 'b')) });
      const lines = app.get('1');
      flush();
      expect(app.log).toEqual(['0 token-of-session -', '10 1 b']);
      expect(lines).toEqual(['20 200', '20 complete']);
    });
  });

  it('leaves nothing outside that a consumer sends when a synchronous response comes', () => {
    const scripted = network(401, 200);
    const client = new RetryClient({
      baseUrl: API,
      interceptors: [bearerToken({ token: () => 'a', refresh: () => 'b' }), scripted.interceptor],
    });
    client
      .get('1')
      .pipe(concatMap(() => client.get('2')))
      .subscribe();
    expect(scripted.header('authorization')).toEqual(['Bearer a', 'Bearer b', 'Bearer b']);
  });

  it('is outside until it has ended: its id means nothing later', () => {
    const attempt = { number: 1, of: 1, requestId: 'one', startedAt: 0, method: 'GET', url: API, context: {} };
    const request: AttemptRequest = { method: 'GET', url: API, headers: new Headers(), body: null, attempt, init: {} };
    const seen: (string | null)[] = [];
    const next = ({ headers }: AttemptRequest): Observable<Response> => {
      seen.push(headers.get('authorization'));
      return of(new Response());
    };
    let asked = 0;
    const interceptor: Interceptor = bearerToken({
      token: () => ((asked += 1) === 1 ? interceptor(request, next).pipe(map(() => 'first')) : 'second'),
      refresh: () => null,
      appliesTo: API,
    });
    for (const requestId of ['two', 'one']) {
      interceptor({ ...request, attempt: { ...attempt, requestId } }, next).subscribe();
    }
    expect(seen).toEqual([null, 'Bearer first', 'Bearer second']);
  });
});

describe('bearerToken applies', () => {
  const headersSent = (
    options: Partial<BearerTokenOptions>,
    baseUrl: string | string[] | undefined,
    ...urls: string[]
  ): (string | null)[] => {
    const scripted = network(200);
    const client = new RetryClient({
      baseUrl,
      interceptors: [bearerToken({ token: () => 't', refresh: () => 'r', ...options }), scripted.interceptor],
    });
    for (const url of urls) client.get(url).subscribe();
    return scripted.header('authorization').map((header) => header?.slice(7) ?? null);
  };

  it('to the origins of baseUrl, and to no other', () => {
    expect(
      headersSent(
        {},
        'http://a.test/v1/',
        'x',
        'http://a.test/v2',
        'http://b.test/',
        'https://a.test/',
        'http://a.test:81/',
      ),
    ).toEqual(['t', 't', null, null, null]);
    expect(headersSent({}, ['http://a.test/', 'http://b.test/'], 'http://b.test/x', 'http://c.test/')).toEqual([
      't',
      null,
    ]);
  });

  it('to no URL without an origin of its own, though all of these have the same: null', () => {
    expect(headersSent({}, 'app://one/', 'x', 'app://two/')).toEqual([null, null]);
  });

  it('to the origins that appliesTo names, and not to those of baseUrl', () => {
    expect(headersSent({ appliesTo: 'http://b.test/path' }, 'http://a.test/', 'x', 'http://b.test/y')).toEqual([
      null,
      't',
    ]);
    expect(
      headersSent(
        { appliesTo: [new URL('http://a.test'), 'http://b.test'] },
        undefined,
        'http://a.test/',
        'http://b.test/',
        'http://c.test/',
      ),
    ).toEqual(['t', 't', null]);
  });

  it('to the requests that a function chooses', () => {
    expect(
      headersSent(
        { appliesTo: ({ method, url }) => method === 'GET' && url.endsWith('/yes') },
        undefined,
        'http://a.test/yes',
        'http://a.test/no',
      ),
    ).toEqual(['t', null]);
  });

  it('attempt by attempt: failover sends no token to another origin, and a 401 there stands', async () => {
    const scripted = network(503, 401);
    let refreshes = 0;
    const client = new RetryClient({
      strategy: { backoff: constant(0) },
      interceptors: [
        bearerToken({ token: () => 't', refresh: () => String((refreshes += 1)), appliesTo: 'http://a.test' }),
        scripted.interceptor,
      ],
    });
    expect((await only(client.get(['http://a.test/', 'http://b.test/']))).status).toBe(401);
    expect(scripted.header('authorization')).toEqual(['Bearer t', null]);
    expect(refreshes).toBe(0);
  });

  it('to the origins of the client that lists it, also in an extension with another baseUrl', () => {
    const scripted = network(200);
    const parent = new RetryClient({
      baseUrl: 'http://a.test',
      interceptors: [bearerToken({ token: () => 't', refresh: () => 'r' })],
    });
    const child = parent.extend({ baseUrl: 'http://b.test', interceptors: [scripted.interceptor] });
    child.get('x').subscribe();
    child.get('http://a.test/x').subscribe();
    expect(scripted.header('authorization')).toEqual([null, 'Bearer t']);
  });

  it('to the origins of each client that lists it, with one state', () => {
    const token = bearerToken({ token: () => 't', refresh: () => 'r' });
    const scripted = network(401, 200);
    const clients = ['http://a.test', 'http://b.test'].map(
      (baseUrl) => new RetryClient({ baseUrl, interceptors: [token, scripted.interceptor] }),
    );
    for (const client of clients) client.get('x').subscribe();
    clients[0]!.get('http://b.test/').subscribe();
    expect(scripted.header('authorization')).toEqual(['Bearer t', 'Bearer r', 'Bearer r', null]);
  });

  it('not to a 401 that a redirect to another origin led to', async () => {
    const redirected = (url: string) => (): Response => {
      const response = new Response(null, { status: 401 });
      Object.defineProperty(response, 'url', { value: url });
      return Object.defineProperty(response, 'redirected', { value: true });
    };
    for (const [url, requests] of [
      ['http://login.test/', 1],
      [`${API}other`, 2],
    ] as const) {
      const scripted = network(redirected(url), 200);
      const client = new RetryClient({
        baseUrl: API,
        interceptors: [bearerToken({ token: () => 'a', refresh: () => 'b' }), scripted.interceptor],
      });
      await only(client.get('x'));
      expect(scripted.requests.length).toBe(requests);
    }
  });

  it('to nothing without baseUrl and appliesTo: the client refuses it, and so does a call without a client', async () => {
    const token = bearerToken({ token: () => 't', refresh: () => 'r' });
    expectRefusal(() => new RetryClient({ interceptors: [token] }), [TypeError], 'appliesTo is required', 'baseUrl');
    const wrapped = new RetryClient({ baseUrl: API, interceptors: [(request, next) => token(request, next)] });
    expect(String(await failureOf(wrapped.get('x')))).toContain('appliesTo is required');
  });

  it('where another interceptor calls it, if it has appliesTo', () => {
    const scripted = network(401, 200);
    const token = bearerToken({ token: () => 't', refresh: () => 'r', appliesTo: API });
    const client = new RetryClient({ interceptors: [(request, next) => token(request, next), scripted.interceptor] });
    client.get(API).subscribe();
    expect(scripted.header('authorization')).toEqual(['Bearer t', 'Bearer r']);
  });

  it('to nothing where a function gives a promise: it would be true for every request', async () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({
      interceptors: [
        bearerToken({ token: () => 't', refresh: () => 'r', appliesTo: (() => Promise.resolve(false)) as never }),
        interceptor,
      ],
    });
    expect(String(await failureOf(client.get(API)))).toContain(
      'what appliesTo returns must be true or false, not a promise',
    );
    expect(requests.length).toBe(0);
  });
});

describe('bearerToken and a body that is a stream:', () => {
  const stream = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('bytes'));
        controller.close();
      },
    });
  const client = (statuses: readonly number[], log: string[], refresh = (): string | null => 'b'): RetryClient =>
    new RetryClient({
      baseUrl: API,
      interceptors: [
        bearerToken({
          token: () => 'a',
          refresh: () => {
            log.push('refresh');
            return refresh();
          },
        }),
      ],
      fetch: async (_, init) => {
        const body = await new Response(init.body as ReadableStream).text();
        log.push(`${new Headers(init.headers).get('authorization') ?? '-'} ${body}`);
        return new Response('what', { status: statuses[log.filter((line) => line !== 'refresh').length - 1] ?? 200 });
      },
    });

  it('one made by a factory is made again', async () => {
    const log: string[] = [];
    expect((await only(client([401], log).put('x', stream))).status).toBe(200);
    expect(log).toEqual(['Bearer a bytes', 'refresh', 'Bearer b bytes']);
  });

  it('one that can be sent once is not sent again: the 401 stands, with the reason body', async () => {
    const log: string[] = [];
    const sending = client([401], log);
    const events = listen(sending.attempts$);
    const response = await only(sending.put('x', stream()));
    expect([response.status, await response.text()]).toEqual([401, 'what']);
    expect(log).toEqual(['Bearer a bytes', 'refresh']);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'failure 1 body']);
  });

  it('so it is as an error, whatever the strategy says', async () => {
    for (const strategy of [{}, { attempts: 1 }, { shouldRetry: () => true }, { statuses: [401], methods: ['PUT'] }]) {
      const error = (await failureOf(
        client([401], []).put('x', stream(), { selector: text(), strategy }),
      )) as HttpStatusError;
      expect([error.name, error.status, error.reason, error.body]).toEqual(['HttpStatusError', 401, 'body', 'what']);
    }
  });

  it('another response that an outer interceptor gives in its place is judged for itself', async () => {
    const sending = new RetryClient({
      baseUrl: API,
      interceptors: [
        (request, next) => next(request).pipe(map(() => new Response('kept'))),
        bearerToken({ token: () => 'a', refresh: () => 'b' }),
        network(401).interceptor,
      ],
    });
    const events = listen(sending.attempts$);

    expect(await (await only(sending.put('x', stream()))).text()).toBe('kept');
    expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
  });

  it('its selector reads the 401 with throwHttpErrors: false', async () => {
    expect(await only(client([401], []).put('x', stream(), { selector: text(), throwHttpErrors: false }))).toBe('what');
  });

  it('the reason is no other where nothing would have been sent again', async () => {
    const error = (await failureOf(
      client([401], [], () => null).put('x', stream(), { selector: text() }),
    )) as HttpStatusError;
    expect([error.status, error.reason]).toEqual([401, 'permanent']);
  });

  it('one that another interceptor has put in its place cannot be made again', async () => {
    const replacing: Interceptor = (request, next) => next({ ...request, body: stream() });
    const client = new RetryClient({
      baseUrl: API,
      interceptors: [replacing, bearerToken({ token: () => 'a', refresh: () => 'b' })],
      fetch: async (_, { body }) => {
        await new Response(body as ReadableStream).text();
        return new Response(null, { status: 401 });
      },
    });
    const events = listen(client.attempts$);
    expect((await only(client.put('x', stream))).status).toBe(401);
    expect(plot(events).at(-1)).toBe('failure 1 body');
  });

  it('one whose second stream is not sent is let go of', async () => {
    const cancelled: string[] = [];
    let opened = 0;
    const factory = (): ReadableStream<Uint8Array> => {
      const name = String((opened += 1));
      return new ReadableStream({ pull: () => undefined, cancel: () => void cancelled.push(name) });
    };
    const blocked = new RetryClient({
      baseUrl: API,
      interceptors: [
        bearerToken({ token: () => 'a', refresh: () => 'b' }),
        // Never sends the second time.
        (request, next) => (request.headers.get('authorization') === 'Bearer b' ? NEVER : next(request)),
      ],
      fetch: () => Promise.resolve(new Response(null, { status: 401 })),
    });
    const subscription = blocked.put('x', factory).subscribe();
    await new Promise((resolve) => setTimeout(resolve));
    expect(opened).toBe(2);
    subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve));
    expect(cancelled.sort()).toEqual(['1', '2']);
  });
});

describe('bearerToken checks its options:', () => {
  const good: BearerTokenOptions = { token: () => 't', refresh: () => 'r' };
  const cases: readonly [object | undefined, ErrorConstructor, ...string[]][] = [
    [undefined, TypeError, 'options must be an object of options'],
    [{ refresh: good.refresh }, TypeError, 'token must be a function', 'not undefined'],
    [{ token: good.token }, TypeError, 'refresh must be a function', 'not undefined'],
    [{ ...good, token: 'abc' }, TypeError, 'token must be a function', "not 'abc'"],
    [{ ...good, refresh: Promise.resolve('r') }, TypeError, 'refresh must be a function', 'not a promise'],
    [{ ...good, apliesTo: 'x' }, TypeError, 'unknown option "apliesTo"', 'appliesTo'],
    [{ ...good, appliesTo: 7 }, TypeError, 'appliesTo must be a URL', 'not 7'],
    [{ ...good, appliesTo: [7] }, TypeError, 'appliesTo[0] must be', 'not 7'],
    [{ ...good, appliesTo: [] }, RangeError, 'appliesTo must be at least one URL'],
    [{ ...good, appliesTo: 'data:x' }, RangeError, 'appliesTo must be a URL of http or https', 'data:x'],
    [{ ...good, appliesTo: 'http://' }, RangeError, 'appliesTo must be'],
    [{ ...good, refreshTimeout: 0 }, RangeError, 'refreshTimeout must be a number of ms above 0, or false', '0'],
    [{ ...good, refreshTimeout: NaN }, RangeError, 'refreshTimeout', 'NaN'],
    [{ ...good, refreshTimeout: '1' }, TypeError, 'refreshTimeout', "'1'"],
  ];
  for (const [options, kind, ...parts] of cases) {
    it(parts.join(', '), () => {
      expectRefusal(() => bearerToken(options as never), [kind], ...parts);
    });
  }

  it('an Observable, Infinity and false are allowed', () => {
    for (const refreshTimeout of [Infinity, false, undefined] as const) {
      expect(() => bearerToken({ token: of('t'), refresh: of('r'), refreshTimeout })).not.toThrow();
    }
  });
});
