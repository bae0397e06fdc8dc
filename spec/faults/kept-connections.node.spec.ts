import { setImmediate as immediately } from 'node:timers/promises';

import { constant, HttpNetworkError, RetryClient, text } from '../../src/index.js';
import { type HostilePort, type ScenarioName, WHOLE } from '../support/hostile-server.js';
import { failureOf, only, settled } from '../support/settled.js';
import { describeEach } from './describe-each.js';

/** Returns another URL at the same port. */
const urlAtPort = ({ url }: HostilePort, path: string): string => new URL(path, url).href;

describeEach('A kept connection', (bench) => {
  const clientOf = () =>
    new RetryClient({ fetch: bench().fetch, timeout: 10_000, strategy: { attempts: 3, backoff: constant(5) } });

  /** Opens a port whose only connection has served one request and is idle. The next request on it will be cut. */
  async function openUsedPort(scenario: 'reset-on-reuse' | 'fin-on-reuse', client: RetryClient): Promise<HostilePort> {
    const port = await bench().server.openPort(scenario);
    expect(await only(client.get(port.url, { selector: text() }))).toBe(WHOLE);
    await port.quiet();
    // Node's fetch can reuse the connection only a turn of the event loop after the end of the body.
    for (let turn = 0; turn < 3; turn += 1) await immediately();
    return port;
  }

  for (const scenario of ['reset-on-reuse', 'fin-on-reuse'] as const) {
    it(`that is cut during a GET (${scenario}) is replaced, and the GET succeeds`, async () => {
      const client = clientOf();
      const port = await openUsedPort(scenario, client);

      expect(await only(client.get(port.url, { selector: text() }))).toBe(WHOLE);
      expect(port.connections.map(({ requests }) => requests)).toEqual([2, 1]);
      await port.quiet();
    });

    it(`that is cut during a POST (${scenario}) fails the POST, which is not sent again, since the server may have acted`, async () => {
      const client = clientOf();
      const port = await openUsedPort(scenario, client);

      const error = await failureOf(client.post(port.url, 'once', { selector: text() }));
      expect(error).toBeInstanceOf(HttpNetworkError);
      expect((error as HttpNetworkError).phase).toBe('headers');
      expect((error as HttpNetworkError).sent).toBeUndefined();
      expect(port.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
      await port.quiet();
    });

    it(`that is cut during a POST (${scenario}) with an Idempotency-Key is replaced, and the POST succeeds`, async () => {
      const client = clientOf();
      const port = await openUsedPort(scenario, client);
      const headers = { 'Idempotency-Key': 'once' };

      expect(await only(client.post(port.url, 'twice', { selector: text(), headers }))).toBe(WHOLE);
      expect(port.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST']);
      await port.quiet();
    });
  }

  it('that the server closes after its answer fails no GET, and no POST is sent twice', async () => {
    const client = clientOf();
    const port = await bench().server.openPort('fin-when-idle');

    for (let n = 1; n <= 15; n += 1) {
      expect(await only(client.get(port.url, { selector: text() }))).toBe(WHOLE);
      const { values, error } = await settled(client.post(port.url, `number ${n}`, { selector: text() }));
      if (error === undefined) expect(values).toEqual([WHOLE]);
      else expect(error).toBeInstanceOf(HttpNetworkError);
    }
    const bodies = port.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(new Set(bodies).size).toBe(bodies.length);
    await port.quiet();
  });

  for (const scenario of [
    'unasked-response',
    'body-longer-than-content-length',
    'no-content-with-body',
    'not-modified-with-body',
  ] satisfies ScenarioName[]) {
    it(`with bytes after the end of an answer (${scenario}) does not answer the next request with them`, async () => {
      const client = clientOf();
      const port = await bench().server.openPort(scenario);

      for (let n = 1; n <= 3; n += 1) {
        await settled(client.get(port.url, { selector: text() }));
        for (let turn = 0; turn < n; turn += 1) await immediately();
        expect(await only(client.get(urlAtPort(port, `/ok?n=${n}`), { selector: text() }))).toBe(WHOLE);
      }
      await port.quiet();
    });
  }
});
