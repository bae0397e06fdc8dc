import { firstValueFrom, lastValueFrom, map, of, take, tap, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { bearerToken, constant, json, lines, RetryClient, retryWithStrategy, text } from 'rxjs-retry-client';

import { equal, ok, rejects } from '../expect.js';

export const retries = {
  'retries: a 503 is followed by another attempt': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 503 }, { status: 500 }, { json: 'tea' }]);
    equal([await firstValueFrom(client.getJSON(url)), (await requests()).length], ['tea', 3]);
  },
  'backoff: waits before the next attempt': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 503 }, { json: 1 }]);
    await firstValueFrom(client.getJSON(url, { strategy: { backoff: constant(150) } }));
    const [first, second] = await requests();
    ok(second.at - first.at >= 140, `the wait was ${second.at - first.at} ms`);
  },
  'Retry-After: is waited for': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 429, headers: { 'retry-after': '1' } }, { json: 1 }]);
    await firstValueFrom(client.getJSON(url));
    const [first, second] = await requests();
    ok(second.at - first.at >= 950, `the wait was ${second.at - first.at} ms`);
  },
  'Retry-After: a long one ends the request at once': async ({ serve, client }) => {
    const { url } = serve({ status: 503, headers: { 'retry-after': '3600' } });
    const error = await rejects(firstValueFrom(client.getJSON(url)), 'HttpStatusError');
    equal(error.reason, 'retry-after');
  },
  'POST: is not repeated without a key': async ({ serve, client }) => {
    const { url, requests } = serve({ status: 503 });
    const error = await rejects(firstValueFrom(client.post(url, {}, { selector: json() })), 'HttpStatusError');
    equal([error.reason, (await requests()).length], ['method', 1]);
  },
  'idempotencyKey: a POST is repeated with the same key': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 503 }, { json: 1 }]);
    const keyed = client.extend({ idempotencyKey: true });
    await firstValueFrom(keyed.post(url, { tea: 1 }, { selector: json() }));
    const [first, second] = (await requests()).map(({ headers }) => headers['idempotency-key']);
    ok(first && first === second, `the keys are ${first} and ${second}`);
  },
  'bearerToken: refreshes after a 401': async ({ serve, client, server }) => {
    const { url, requests } = serve([{ status: 401 }, { json: 1 }]);
    let token = 'old';
    const interceptor = bearerToken({
      token: () => token,
      refresh: () => of('new').pipe(tap(() => (token = 'new'))),
      appliesTo: server.origin,
    });
    await firstValueFrom(client.extend({ interceptors: [interceptor] }).getJSON(url));
    equal(
      (await requests()).map(({ headers }) => headers.authorization),
      ['Bearer old', 'Bearer new'],
    );
  },
  'timeout: silence before the headers is an HttpTimeoutError, and is retried': async ({ serve, client }) => {
    const { url, requests } = serve({ stall: 'headers' });
    const error = await rejects(
      firstValueFrom(client.get(url, { timeout: 150, strategy: { attempts: 2 } })),
      'HttpTimeoutError',
    );
    equal([error.scope, error.limit, (await requests()).length], ['attempt', 150, 2]);
  },
  'timeout: silence within a body is an HttpTimeoutError': async ({ serve, client }) => {
    const { url, ended } = serve({ stall: 'body', chunks: ['a'] });
    const error = await rejects(
      firstValueFrom(client.get(url, { timeout: 150, selector: text(), strategy: { attempts: 1 } })),
      'HttpTimeoutError',
    );
    equal([error.scope, (await ended()).aborted], ['attempt', true]);
  },
  'totalTimeout: ends attempts and waits together': async ({ serve, client }) => {
    const { url } = serve({ stall: 'headers' });
    const error = await rejects(firstValueFrom(client.get(url, { totalTimeout: 150 })), 'HttpTimeoutError');
    equal([error.scope, error.reason], ['total', 'deadline']);
  },
  'unsubscribing: closes the connection that waits for headers': async ({ serve, client }) => {
    const { url, received, ended } = serve({ stall: 'headers' });
    const subscription = client.get(url).subscribe();
    await received();
    subscription.unsubscribe();
    equal((await ended()).aborted, true);
  },
  'unsubscribing: closes the connection whose body is read': async ({ serve, client }) => {
    const { url, ended } = serve({ stall: 'body', chunks: ['first\nsecond'] });
    equal(await firstValueFrom(client.get(url, { selector: lines() }).pipe(take(1))), 'first');
    equal((await ended()).aborted, true);
  },
  'signal: ends the request with its own reason': async ({ serve, client }) => {
    const { url, received, ended } = serve({ stall: 'headers' });
    const controller = new AbortController();
    const result = firstValueFrom(client.get(url, { signal: controller.signal })).catch((error) => error);
    await received();
    const reason = new Error('no tea');
    controller.abort(reason);
    ok((await result) === reason, 'the error is the reason');
    equal((await ended()).aborted, true);
  },
  'failover: the next URL is asked after a 503': async ({ serve, client }) => {
    const bad = serve({ status: 503 });
    const good = serve({ json: 'tea' }, { other: true });
    equal(await firstValueFrom(client.getJSON([bad.url, good.url])), 'tea');
    equal([(await bad.requests()).length, (await good.requests()).length], [1, 1]);
  },
  'failover: the next URL is asked after a refused connection': async ({ serve, client, server }) => {
    equal(await firstValueFrom(client.getJSON([server.refusedUrl, serve({ json: 'tea' }).url])), 'tea');
  },
  'attempts$: emits what happens, in order': async ({ serve, options }) => {
    const { url } = serve([{ status: 503 }, { json: 1 }]);
    const own = new RetryClient(options);
    const seen = firstValueFrom(
      own.attempts$.pipe(
        map(({ type }) => type),
        toArray(),
      ),
    );
    await firstValueFrom(own.getJSON(url));
    own.close();
    equal(await seen, ['start', 'response', 'retry', 'start', 'response', 'value', 'success']);
  },
  "observe: 'attempts' emits the events of one request": async ({ serve, client }) => {
    const { url } = serve([{ status: 503 }, { json: 1 }]);
    const events = await firstValueFrom(client.getJSON(url, { observe: 'attempts' }).pipe(toArray()));
    equal(
      events.map(({ type, attempt }) => `${attempt.number} ${type}`),
      ['1 start', '1 response', '1 retry', '2 start', '2 response', '2 value', '2 success'],
    );
  },
  'observers: hear the events and the bytes': async ({ serve, client }) => {
    let heard = '';
    const observer = () => ({
      next: ({ type }) => (heard += `${type} `),
      chunk: (part) => (heard += `${new TextDecoder().decode(part)} `),
    });
    await firstValueFrom(client.extend({ observers: [observer] }).getJSON(serve({ json: 1 }).url));
    equal(heard, 'start response 1 value success ');
  },
  'discarded answers: free their connection for the next attempt': async ({ serve, client }) => {
    const { url, requests } = serve([{ status: 503, body: 'x'.repeat(2_000) }, { json: 1 }]);
    await firstValueFrom(client.getJSON(url, { strategy: { backoff: constant(100) } }));
    const [first, second] = await requests();
    equal(second.socket, first.socket, 'the connection of the second attempt');
  },
  'retryWithStrategy: retries any Observable': async () => {
    let subscriptions = 0;
    const source = of(0).pipe(
      map(() => {
        subscriptions += 1;
        if (subscriptions < 3) throw new Error('not yet');
        return subscriptions;
      }),
    );
    equal(await lastValueFrom(source.pipe(retryWithStrategy({ backoff: constant(1) }))), 3);
  },
  'virtual time: a request of seconds takes none': () => {
    const scheduler = new TestScheduler((actual, expected) => equal(actual, expected));
    scheduler.run(({ expectObservable }) => {
      const own = new RetryClient({
        interceptors: [({ attempt }) => of(new Response(null, { status: attempt.number < 3 ? 503 : 204 }))],
        strategy: { backoff: constant(1_000) },
      });
      expectObservable(own.get('https://a.test/').pipe(map(({ status }) => status))).toBe('2s (a|)', { a: 204 });
    });
  },
};
