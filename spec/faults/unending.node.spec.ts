import { constant, HttpNetworkError, HttpTimeoutError, RetryClient, text } from '../../src/index.js';
import { findSequenceViolation, listen, plot, withoutResponses } from '../support/attempt-events.js';
import { type ScenarioName, WHOLE } from '../support/hostile-server.js';
import { failureOf, only } from '../support/settled.js';
import { describeEach } from './describe-each.js';

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

describeEach('A request whose answer does not end', (bench) => {
  const clientOf = (timeout = 10_000) =>
    new RetryClient({ fetch: bench().fetch, timeout, strategy: { attempts: 2, backoff: constant(5) } });

  for (const scenario of unending) {
    it(`closes its connection on unsubscribe (${scenario}), and sends no further request`, async () => {
      const client = clientOf();
      const events = listen(client.attempts$);
      const port = await bench().server.openPort(scenario);
      const notifications: string[] = [];

      const subscription = client
        .get(port.url, { selector: text(), throwHttpErrors: false, strategy: { retryAllServerErrors: false } })
        .subscribe({
          next: () => notifications.push('next'),
          error: () => notifications.push('error'),
          complete: () => notifications.push('complete'),
        });
      await port.received();
      subscription.unsubscribe();
      await port.quiet();

      // Whether the response had come depends on the scenario.
      expect(plot(withoutResponses(events))).toEqual(['start 1', 'cancel 1']);
      expect(findSequenceViolation(events)).toBeUndefined();
      expect(notifications).toEqual([]);
      expect(port.requests.length).toBe(1);
    });
  }

  it('closes its connection after its total timeout', async () => {
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
        const port = await bench().server.openPort(scenario);

        const error = await failureOf(client.get(port.url, options));
        await port.quiet();

        expect(error).withContext(scenario).toBeInstanceOf(HttpTimeoutError);
        expect(error)
          .withContext(scenario)
          .toEqual(jasmine.objectContaining({ scope: 'total', limit: totalTimeout }));
        expect(plot(withoutResponses(events)))
          .withContext(scenario)
          .toEqual(['start 1', 'failure 1 deadline']);
        expect(findSequenceViolation(events)).withContext(scenario).toBeUndefined();
      }),
    );
  });

  it('is aborted by its signal, with the reason of the signal', async () => {
    const client = clientOf();
    const port = await bench().server.openPort('stall-in-body');
    const controller = new AbortController();
    const reason = new Error('enough');

    const failure = failureOf(client.get(port.url, { selector: text(), signal: controller.signal }));
    await port.received();
    controller.abort(reason);

    expect(await failure).toBe(reason);
    await port.quiet();
    expect(port.requests.length).toBe(1);
  });

  it('passes the last response to its selector with throwHttpErrors: false, and fails as the body does', async () => {
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
      const port = await bench().server.openPort(scenario);

      const error = await failureOf(client.request(method, port.url, options));
      await port.quiet();

      if (scenario === 'cut-503') {
        expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }));
      } else expect(error).toBeInstanceOf(HttpTimeoutError);
      expect(plot(log).at(-1)).toBe(end);
      expect(findSequenceViolation(log)).toBeUndefined();
      expect(port.requests.length).withContext(`${scenario}, ${method}`).toBe(requests);
    }
  });
});

describeEach('A large upload', (bench) => {
  const large = 'x'.repeat(4_000_000);

  it('that is cut before its end is not sent again by POST', async () => {
    const client = new RetryClient({ fetch: bench().fetch, strategy: { backoff: constant(5) } });
    const port = await bench().server.openPort('reset-amid-request');

    const error = await failureOf(client.post(port.url, large, { selector: text() }));
    await port.quiet();

    expect(error).toBeInstanceOf(HttpNetworkError);
    expect((error as HttpNetworkError).sent).toBeUndefined();
    expect(port.requests.map(({ complete }) => complete)).toEqual([false]);
  });

  it('that is cut before its end is sent again by PUT, from its first byte to its last', async () => {
    const client = new RetryClient({ fetch: bench().fetch, strategy: { backoff: constant(5) } });
    const port = await bench().server.openPort('reset-amid-request', { faults: 1 });

    expect(await only(client.put(port.url, large, { selector: text() }))).toBe(WHOLE);
    await port.quiet();

    expect(port.requests.map(({ complete }) => complete)).toEqual([false, true]);
    expect(port.requests[1]?.body === large).toBeTrue();
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
    it(`emit the answer of the second (${scenario})`, async () => {
      const client = new RetryClient({ fetch: bench().fetch, strategy: { backoff: constant(5) } });
      const [bad, good] = await Promise.all([bench().server.openPort(scenario), bench().server.openPort('ok')]);

      expect(await only(client.get([bad.url, good.url], { selector: text() }))).toBe(WHOLE);
      expect(good.requests.length).toBe(1);
      await Promise.all([bad.quiet(), good.quiet()]);
    });
  }
});
