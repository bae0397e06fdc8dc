import { concatMap, delay, EMPTY, map, NEVER, Observable, of, tap, throwError, timer } from 'rxjs';

import {
  type AttemptRequest,
  constant,
  exponential,
  HttpNetworkError,
  type Interceptor,
  RetryClient,
  text,
} from '../../src/index.js';
import { listen, plot } from '../support/attempt-events.js';
import { bodiless, network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { type Echo, testServer } from '../support/test-server.js';
import { marbles } from '../support/virtual-time.js';

const url = 'http://a.test/';
const noDelay = { backoff: constant(0) };

describe('Interceptors', () => {
  it('run from the first to the last, and see responses from the last to the first', async () => {
    const order: string[] = [];
    const named =
      (name: string): Interceptor =>
      (request, next) => {
        order.push(`${name} >`);
        return next(request).pipe(tap(() => order.push(`${name} <`)));
      };
    await only(new RetryClient({ interceptors: [named('a'), named('b'), network(200).interceptor] }).get(url));

    expect(order).toEqual(['a >', 'b >', 'b <', 'a <']);
  });

  it('run again in each attempt, each with a request of its own', async () => {
    const seen: AttemptRequest[] = [];
    const { interceptor } = network(503, 503, 200);
    const client = new RetryClient({
      strategy: noDelay,
      interceptors: [
        (request, next) => {
          seen.push(request);
          return next(request);
        },
        interceptor,
      ],
    });

    await only(client.get(url));
    expect(seen.map(({ attempt }) => attempt.number)).toEqual([1, 2, 3]);
    expect(new Set(seen).size).toBe(3);
    expect(new Set(seen.map(({ headers }) => headers)).size).toBe(3);
  });

  it('see method, URL, headers, body, attempt and fetch options', async () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({ interceptors: [interceptor] });

    await only(
      client.put(`${url}x`, { a: 1 }, { headers: { 'x-a': '1' }, credentials: 'include', context: { user: 7 } }),
    );
    const { headers, ...request } = requests[0]!;
    expect(Object.fromEntries(headers)).toEqual({ 'x-a': '1', 'content-type': 'application/json' });
    expect(request).toEqual({
      method: 'PUT',
      url: `${url}x`,
      body: '{"a":1}',
      init: { credentials: 'include' },
      attempt: jasmine.objectContaining({
        number: 1,
        of: 3,
        method: 'PUT',
        url: `${url}x`,
        context: { user: 7 },
      }) as never,
    });
  });

  it('can add a fresh token to every attempt', async () => {
    const { interceptor, header } = network(503, 503, 200);
    let tokens = 0;
    const signed: Interceptor = (request, next) =>
      of(`token ${++tokens}`).pipe(
        delay(1),
        concatMap((token) => {
          const headers = new Headers(request.headers);
          headers.set('authorization', token);
          return next({ ...request, headers });
        }),
      );

    await only(new RetryClient({ interceptors: [signed, interceptor], strategy: noDelay }).get(url));
    expect(header('authorization')).toEqual(['token 1', 'token 2', 'token 3']);
  });

  it('can change the method, URL, headers and body that are sent', async () => {
    const api = await testServer();
    const target = api.url('changed', { echo: true });
    const client = new RetryClient({
      interceptors: [
        (request, next) =>
          next({ ...request, method: 'PUT', url: target, headers: new Headers({ 'x-own': '1' }), body: 'changed' }),
      ],
    });

    const echo = (await (await only(client.post(url, 'x'))).json()) as Echo;
    expect([echo.method, echo.url, echo.headers['x-own'], echo.body]).toEqual(['PUT', target, '1', 'changed']);
    await api.close();
  });

  it('can change a response before the strategy decides on it', async () => {
    const { interceptor, requests } = network(200);
    const client = new RetryClient({
      strategy: noDelay,
      interceptors: [
        (request, next) =>
          next(request).pipe(
            map((response) => (request.attempt.number < 3 ? new Response(null, { status: 503 }) : response)),
          ),
        interceptor,
      ],
    });

    expect((await only(client.get(url))).status).toBe(200);
    expect(requests.length).toBe(3);
  });

  it('that throw fail the attempt with that error, on which the strategy decides', async () => {
    const bug = new RangeError('a bug');
    const throwing: Interceptor = ({ attempt }) => {
      if (attempt.number === 1) throw new HttpNetworkError({ attempt });
      throw bug;
    };
    const client = new RetryClient({ interceptors: [throwing], strategy: noDelay });
    const events = listen(client.attempts$);

    expect(await failureOf(client.get(url))).toBe(bug);
    expect(plot(events)).toEqual(['start 1', 'retry 1', 'start 2', 'failure 2 permanent']);
  });

  it('whose Observable errors fail the attempt with that error', async () => {
    const bug = new RangeError('a bug');
    const client = new RetryClient({ interceptors: [() => throwError(() => bug)], strategy: noDelay });

    expect(await failureOf(client.get(url))).toBe(bug);
  });

  it('that fail by a request that was given up end the attempt: the attempts of two clients do not multiply', async () => {
    const failing = network(503);
    const inner = new RetryClient({
      interceptors: [failing.interceptor],
      strategy: { ...noDelay, attempts: 2 },
      throwHttpErrors: true,
    });
    const outer = new RetryClient({
      interceptors: [() => inner.get('http://auth.test/')],
      strategy: { ...noDelay, attempts: 3 },
    });
    const events = listen(outer.attempts$);

    expect(await failureOf(outer.get(url, { selector: (response) => [response.status] }))).toEqual(
      jasmine.objectContaining({ status: 503 }),
    );
    expect(failing.requests.length).toBe(2);
    expect(plot(events).at(-1)).toBe('failure 1 permanent');
  });

  it('can call next twice: again after a 401, with a fresh token', async () => {
    const { interceptor, header } = network(401, 200);
    const refreshing: Interceptor = (request, next) =>
      next(request).pipe(
        concatMap((response) => {
          if (response.status !== 401) return of(response);
          const headers = new Headers(request.headers);
          headers.set('authorization', 'fresh');
          return next({ ...request, headers });
        }),
      );
    const client = new RetryClient({ interceptors: [refreshing, interceptor], headers: { authorization: 'stale' } });
    const events = listen(client.attempts$);

    expect((await only(client.get(url))).status).toBe(200);
    expect(header('authorization')).toEqual(['stale', 'fresh']);
    expect(plot(events)).toEqual(['start 1', 'response 1', 'value 1', 'success 1']);
  });

  it('that call next twice have both calls aborted when the request is unsubscribed', () => {
    const signals: (AbortSignal | null | undefined)[] = [];
    const client = new RetryClient({
      interceptors: [
        (request, next) =>
          new Observable((subscriber) => {
            subscriber.add(next(request).subscribe(subscriber));
            subscriber.add(next(request).subscribe(subscriber));
          }),
      ],
      fetch: (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => undefined);
      },
    });

    client.get(url).subscribe().unsubscribe();
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
  });

  it('are torn down when the request is unsubscribed', () => {
    let teardowns = 0;
    const client = new RetryClient({
      interceptors: [
        () =>
          new Observable(() => () => {
            teardowns += 1;
          }),
      ],
    });
    client.get(url).subscribe().unsubscribe();

    expect(teardowns).toBe(1);
  });

  it('that emit nothing complete the request empty', async () => {
    const client = new RetryClient({ interceptors: [() => EMPTY] });
    const events = listen(client.attempts$);

    expect(await settled(client.get(url))).toEqual({ values: [] });
    expect(plot(events)).toEqual(['start 1', 'success 1']);
  });

  it('can emit a subclass of Response', async () => {
    class OwnResponse extends Response {}
    const client = new RetryClient({ interceptors: [() => of(new OwnResponse('own'))] });

    expect(await only(client.get(url))).toBeInstanceOf(OwnResponse);
    expect(await only(client.get(url, { selector: text() }))).toBe('own');
  });
});

describe('With an interceptor in place of the network, marbles test', () => {
  const response = (status: number) => new Response(null, { status });

  marbles('a success', ({ cold, expectObservable, expectSubscriptions }) => {
    const value = response(200);
    const source = cold('  --(a|)', { a: value });
    const subs = '         ^-!';
    const expected = '     --(a|)';

    expectObservable(new RetryClient({ interceptors: [() => source] }).get(url)).toBe(expected, { a: value });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('a synchronous answer, which no promise delays', ({ cold, expectObservable, expectSubscriptions }) => {
    const value = response(204);
    const source = cold('  (a|)', { a: value });
    const subs = '         (^!)';
    const expected = '     (a|)';

    expectObservable(new RetryClient({ interceptors: [() => source] }).get(url)).toBe(expected, { a: value });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('a response that is retried', ({ cold, expectObservable, expectSubscriptions }) => {
    const value = response(200);
    const sources = [
      cold('-(a|)', { a: response(503) }),
      cold('-(a|)', { a: response(500) }),
      cold('--(a|)', { a: value }),
    ] as const;
    const subs = ['         ^!', '    ---^!', '       --------^-!'];
    const expected = '      --- ----- --(a|)'.replace(/ /g, '');
    const client = new RetryClient({
      interceptors: [({ attempt }) => sources[attempt.number - 1] as Observable<Response>],
      strategy: { backoff: exponential({ initial: 2 }) },
    });

    expectObservable(client.get(url)).toBe(expected, { a: value });
    sources.forEach((source, index) => {
      expectSubscriptions(source.subscriptions).toBe(subs[index]!.replace(/ /g, ''));
    });
  });

  marbles('an error that is retried, until no attempts are left', ({ cold, expectObservable, expectSubscriptions }) => {
    const down = new Error('down');
    const source = cold<Response>('--#', undefined, down);
    const subs = ['                  ^-!', '-----^-!', '----------^-!'];
    const expected = '               ------------#';
    const client = new RetryClient({
      interceptors: [() => source],
      strategy: { backoff: constant(3), errors: [Error] },
    });

    expectObservable(client.get(url)).toBe(expected, undefined, down);
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('a Retry-After', ({ cold, expectObservable, expectSubscriptions }) => {
    const value = response(200);
    const sources = [
      cold('-(a|)', { a: bodiless(503, { 'Retry-After': '1' })() }),
      cold('-(a|)', { a: value }),
    ] as const;
    const client = new RetryClient({
      strategy: { random: () => 0 },
      interceptors: [({ attempt }) => sources[attempt.number - 1] as Observable<Response>],
    });

    expectObservable(client.get(url)).toBe('1002ms (a|)', { a: value });
    expectSubscriptions(sources[0].subscriptions).toBe('^!');
    expectSubscriptions(sources[1].subscriptions).toBe('1001ms ^!');
  });

  marbles('a selector, whose values are emitted as they come', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('-(a|)', { a: response(200) });
    const values = cold('--x-y-|');
    const expected = '   ---x-y-|';
    const client = new RetryClient({ interceptors: [() => source] });

    expectObservable(client.get(url, { selector: () => values })).toBe(expected);
    expectSubscriptions(values.subscriptions).toBe('-^-----!');
    expectSubscriptions(source.subscriptions).toBe('^!');
  });

  marbles('unsubscribing while a selector emits', ({ cold, expectObservable, expectSubscriptions }) => {
    const values = cold('  --x-y-|');
    const unsub = '        ----!';
    const subs = '         ^---!';

    expectObservable(
      new RetryClient({ interceptors: [() => of(response(200))] }).get(url, { selector: () => values }),
      unsub,
    ).toBe('--x--');
    expectSubscriptions(values.subscriptions).toBe(subs);
  });

  marbles('a timeout, then a success', ({ cold, expectObservable, expectSubscriptions }) => {
    const value = response(200);
    const sources = [cold<Response>('----------'), cold('-(a|)', { a: value })] as const;
    const client = new RetryClient({
      timeout: 4,
      interceptors: [({ attempt }) => sources[attempt.number - 1] as Observable<Response>],
      strategy: { backoff: constant(2) },
    });

    expectObservable(client.get(url)).toBe('-------(a|)', { a: value });
    expectSubscriptions(sources[0].subscriptions).toBe('^---!');
    expectSubscriptions(sources[1].subscriptions).toBe('------^!');
  });

  marbles('failover', ({ cold, expectObservable, expectSubscriptions }) => {
    const value = response(200);
    const hosts: Record<string, ReturnType<typeof cold<Response>>> = {
      'eu.test': cold('-(a|)', { a: response(503) }),
      'us.test': cold('-(a|)', { a: value }),
    };
    const client = new RetryClient({
      baseUrl: ['http://eu.test/', 'http://us.test/'],
      interceptors: [(request) => hosts[new URL(request.url).host] as Observable<Response>],
      strategy: { backoff: constant(2) },
    });

    expectObservable(client.get('users')).toBe('----(a|)', { a: value });
    expectSubscriptions(hosts['eu.test']!.subscriptions).toBe('^!');
    expectSubscriptions(hosts['us.test']!.subscriptions).toBe('---^!');
  });

  marbles('the events of the attempts', ({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold<Response>('--(a|)', { a: response(503) });
    const subs = ['                    ^-!', '------------^-!'];
    const client = new RetryClient({ interceptors: [() => source], strategy: { backoff: constant(10), attempts: 2 } });
    const eventWith = (event: object) => jasmine.objectContaining(event) as never;

    expectObservable(client.get(url, { observe: 'attempts' })).toBe('s-(pr) 6ms t-(pf|)', {
      s: eventWith({ type: 'start' }),
      p: eventWith({ type: 'response', elapsed: 2 }),
      r: eventWith({ type: 'retry', elapsed: 2, delay: 10 }),
      t: eventWith({ type: 'start' }),
      f: eventWith({ type: 'failure', elapsed: 2, reason: 'attempts' }),
    });
    expectSubscriptions(source.subscriptions).toBe(subs);
  });

  marbles('a request that is never answered', ({ expectObservable }) => {
    const client = new RetryClient({ timeout: false, interceptors: [() => NEVER] });

    expectObservable(client.get(url)).toBe('-');
    expectObservable(timer(10)).toBe('----------(a|)', { a: 0 });
  });
});
