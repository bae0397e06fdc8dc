import { setImmediate as immediately } from 'node:timers/promises';

import { constant, HttpNetworkError, RetryClient, text } from '../../src/index.js';
import { type HostilePlace, type ScenarioName, WHOLE } from '../support/hostile-server.js';
import { failureOf, only, settled } from '../support/settled.js';
import { describeEach } from './each-transport.js';

/** Another URL at the same port. */
const beside = ({ url }: HostilePlace, path: string): string => new URL(path, url).href;

describeEach('A connection that was kept', (bench) => {
  const clientOf = () =>
    new RetryClient({ fetch: bench().fetch, timeout: 10_000, strategy: { attempts: 3, backoff: constant(5) } });

  /** A place whose only connection has served one request and rests; the next one will be cut. */
  async function used(scenario: 'reset-on-reuse' | 'fin-on-reuse', client: RetryClient): Promise<HostilePlace> {
    const place = await bench().server.place(scenario);
    expect(await only(client.get(place.url, { selector: text() }))).toBe(WHOLE);
    await place.quiet();
    // Node's fetch has its connection back a turn of the event loop after the body's end.
    for (let turn = 0; turn < 3; turn += 1) await immediately();
    return place;
  }

  for (const scenario of ['reset-on-reuse', 'fin-on-reuse'] as const) {
    it(`and dies under a GET (${scenario}) is replaced: the GET succeeds`, async () => {
      const client = clientOf();
      const place = await used(scenario, client);

      expect(await only(client.get(place.url, { selector: text() }))).toBe(WHOLE);
      expect(place.connections.map(({ requests }) => requests)).toEqual([2, 1]);
      await place.quiet();
    });

    it(`and dies under a POST (${scenario}) fails it: the server may have acted, so it is not sent again`, async () => {
      const client = clientOf();
      const place = await used(scenario, client);

      const error = await failureOf(client.post(place.url, 'once', { selector: text() }));
      expect(error).toBeInstanceOf(HttpNetworkError);
      expect((error as HttpNetworkError).phase).toBe('headers');
      expect((error as HttpNetworkError).sent).toBeUndefined();
      expect(place.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
      await place.quiet();
    });

    it(`and dies under a POST (${scenario}) with an Idempotency-Key is replaced`, async () => {
      const client = clientOf();
      const place = await used(scenario, client);
      const headers = { 'Idempotency-Key': 'once' };

      expect(await only(client.post(place.url, 'twice', { selector: text(), headers }))).toBe(WHOLE);
      expect(place.requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST']);
      await place.quiet();
    });
  }

  it('but is closed as soon as it has answered costs no GET, and no POST is sent twice, whichever comes first', async () => {
    const client = clientOf();
    const place = await bench().server.place('fin-when-idle');

    for (let n = 1; n <= 15; n += 1) {
      expect(await only(client.get(place.url, { selector: text() }))).toBe(WHOLE);
      const { values, error } = await settled(client.post(place.url, `number ${n}`, { selector: text() }));
      if (error === undefined) expect(values).toEqual([WHOLE]);
      else expect(error).toBeInstanceOf(HttpNetworkError);
    }
    const bodies = place.requests.filter(({ method }) => method === 'POST').map(({ body }) => body);
    expect(new Set(bodies).size).toBe(bodies.length);
    await place.quiet();
  });

  for (const scenario of [
    'unasked-response',
    'body-longer-than-content-length',
    'no-content-with-body',
    'not-modified-with-body',
  ] satisfies ScenarioName[]) {
    it(`after more bytes than belong to its answer (${scenario}) answers no other request with them`, async () => {
      const client = clientOf();
      const place = await bench().server.place(scenario);

      for (let n = 1; n <= 3; n += 1) {
        await settled(client.get(place.url, { selector: text() }));
        for (let turn = 0; turn < n; turn += 1) await immediately();
        expect(await only(client.get(beside(place, `/ok?n=${n}`), { selector: text() }))).toBe(WHOLE);
      }
      await place.quiet();
    });
  }
});
