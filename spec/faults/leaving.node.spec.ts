import { constant, HttpNetworkError, HttpTimeoutError, RetryClient, text } from '../../src/index.js';
import { illegality, listen, plot } from '../support/event-log.js';
import { type ScenarioName, WHOLE } from '../support/hostile-server.js';
import { failureOf, only } from '../support/settled.js';
import { describeEach } from './each-transport.js';

const unending = [
  'stall-after-request',
  'stall-in-status-line',
  'stall-in-headers',
  'endless-interim',
  'stall-after-headers',
  'stall-in-body',
  'stall-before-last-chunk',
  'dribble',
  'silent-503',
  'endless-503',
] satisfies ScenarioName[];

describeEach('A request to a server that does not come to an end', (bench) => {
  const clientOf = (timeout = 10_000) =>
    new RetryClient({ fetch: bench().fetch, timeout, strategy: { attempts: 2, backoff: constant(5) } });

  for (const scenario of unending) {
    it(`leaves no connection when it is unsubscribed (${scenario}), and no further request`, async () => {
      const client = clientOf();
      const events = listen(client.attempts$);
      const place = await bench().server.place(scenario);
      const notifications: string[] = [];

      const subscription = client
        .get(place.url, { selector: text(), throwHttpErrors: false, strategy: { retryAllServerErrors: false } })
        .subscribe({
          next: () => notifications.push('next'),
          error: () => notifications.push('error'),
          complete: () => notifications.push('complete'),
        });
      await place.received();
      subscription.unsubscribe();
      await place.quiet();

      expect(plot(events)).toEqual(['start 1', 'cancel 1']);
      expect(notifications).toEqual([]);
      expect(place.requests.length).toBe(1);
    });
  }

  it('leaves no connection when its total time is over', async () => {
    const totalTimeout = 200;
    const options = {
      selector: text(),
      throwHttpErrors: false,
      strategy: { retryAllServerErrors: false },
      totalTimeout,
    };
    await Promise.all(
      unending.map(async (scenario) => {
        const client = clientOf();
        const events = listen(client.attempts$);
        const place = await bench().server.place(scenario);

        const error = await failureOf(client.get(place.url, options));
        await place.quiet();

        expect(error).withContext(scenario).toBeInstanceOf(HttpTimeoutError);
        expect(error)
          .withContext(scenario)
          .toEqual(jasmine.objectContaining({ scope: 'total', limit: totalTimeout }));
        expect(plot(events)).withContext(scenario).toEqual(['start 1', 'failure 1 deadline']);
      }),
    );
  });

  it('is aborted by its signal, with the signal’s own reason', async () => {
    const client = clientOf();
    const place = await bench().server.place('stall-in-body');
    const controller = new AbortController();
    const reason = new Error('enough');

    const failure = failureOf(client.get(place.url, { selector: text(), signal: controller.signal }));
    await place.received();
    controller.abort(reason);

    expect(await failure).toBe(reason);
    await place.quiet();
    expect(place.requests.length).toBe(1);
  });

  it('hands the last response to its selector where error statuses are let through, and tells how that breaks off', async () => {
    const options = { selector: text(), throwHttpErrors: false };
    for (const [scenario, method, end, requests] of [
      ['silent-503', 'GET', 'failure 2 attempts', 2],
      ['silent-503', 'POST', 'failure 1 method', 1],
      ['silent-404', 'GET', 'failure 2 attempts', 2],
      ['cut-503', 'GET', 'failure 2 attempts', 2],
      ['cut-503', 'POST', 'failure 1 method', 1],
    ] as const) {
      const client = clientOf(250);
      const log = listen(client.attempts$);
      const place = await bench().server.place(scenario);

      const error = await failureOf(client.request(method, place.url, options));
      await place.quiet();

      if (scenario === 'cut-503') {
        expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }));
      } else expect(error).toBeInstanceOf(HttpTimeoutError);
      expect(plot(log).at(-1)).toBe(end);
      expect(illegality(log)).toBeUndefined();
      expect(place.requests.length).withContext(`${scenario}, ${method}`).toBe(requests);
    }
  });
});

describeEach('A large upload', (bench) => {
  const large = 'x'.repeat(4_000_000);

  it('that is cut on its way is not sent again by POST', async () => {
    const client = new RetryClient({ fetch: bench().fetch, strategy: { backoff: constant(5) } });
    const place = await bench().server.place('reset-amid-request');

    const error = await failureOf(client.post(place.url, large, { selector: text() }));
    await place.quiet();

    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((error as HttpNetworkError).sent).toBeUndefined();
    expect(place.requests.map(({ complete }) => complete)).toEqual([false]);
  });

  it('that is cut on its way is sent again by PUT, from its first byte to its last', async () => {
    const client = new RetryClient({ fetch: bench().fetch, strategy: { backoff: constant(5) } });
    const place = await bench().server.place('reset-amid-request', { faults: 1 });

    expect(await only(client.put(place.url, large, { selector: text() }))).toBe(WHOLE);
    await place.quiet();

    expect(place.requests.map(({ complete }) => complete)).toEqual([false, true]);
    expect(place.requests[1]?.body === large).toBeTrue();
  });
});

describeEach('Several URLs, the first of which is hostile,', (bench) => {
  for (const scenario of [
    'refused',
    'reset-on-accept',
    'fin-on-accept',
    'self-signed-certificate',
    'fin-in-handshake',
    'http-on-https-url',
    'https-on-http-url',
    'reset-after-request',
    'fin-in-headers',
    'fin-in-body',
    'bad-chunk-size',
    'no-http',
    'cut-503',
    'endless-503',
    'text-as-gzip',
    'redirect-to-refused',
    'redirect-to-bad-url',
  ] satisfies ScenarioName[]) {
    it(`give what the second answers (${scenario})`, async () => {
      const client = new RetryClient({ fetch: bench().fetch, strategy: { backoff: constant(5) } });
      const [bad, good] = await Promise.all([bench().server.place(scenario), bench().server.place('ok')]);

      expect(await only(client.get([bad.url, good.url], { selector: text() }))).toBe(WHOLE);
      expect(good.requests.length).toBe(1);
      await Promise.all([bad.quiet(), good.quiet()]);
    });
  }
});
