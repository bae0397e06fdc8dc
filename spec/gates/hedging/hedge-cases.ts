import { bytes, constant, download, hedging, RetryClient, text, type Transport } from '../../../src/index.js';
import { fileBytes } from '../../support/served-file.js';
import { only, settled } from '../../support/settled.js';
import { testServer, type TestServer } from '../../support/test-server.js';

/** Defines specs of hedged requests over a real network. */
export function describeHedges(name: string, make: () => Transport | undefined): void {
  describe(`A hedged request over ${name}`, () => {
    let api: TestServer;
    let client: RetryClient;

    beforeEach(async () => {
      api = await testServer();
      client = new RetryClient({
        fetch: make(),
        strategy: { hedge: hedging({ after: 30 }), backoff: constant(0) },
        timeout: 5000,
      });
    });

    afterEach(() => api.close());

    it('is answered by the second server while the first is silent, whose connection is closed', async () => {
      const first = api.url('silent', { stall: 'headers' });
      const second = api.otherUrl('quick', { bytes: 200_000 });
      const body = await only(client.get([first, second], { selector: bytes() }));

      expect(body.byteLength).toBe(200_000);
      expect((await api.ended('silent')).aborted).toBeTrue();
      expect((await api.ended('quick')).aborted).toBeFalse();
    });

    it('has a whole body that the consumer reads itself, long after the other was cut', async () => {
      const first = api.url('late', { stall: 'headers' });
      const second = api.otherUrl('chunked', { chunks: ['a', 'b', 'c'], chunkDelay: 30 });
      const response = await only(client.get([first, second]));
      await api.ended('late');

      expect(await response.text()).toBe('abc');
    });

    it('is answered by the first, and the hedge is cut while it is silent', async () => {
      const first = api.url('first', { delay: 80, chunks: ['a', 'b'], chunkDelay: 30 });
      const second = api.otherUrl('hedge', { stall: 'headers' });

      expect(await only(client.get([first, second], { selector: text() }))).toBe('ab');
      expect((await api.ended('hedge')).aborted).toBeTrue();
    });

    it('whose hedge fails by a cut connection is answered by the first', async () => {
      const first = api.url('slow', { delay: 120, body: 'slow' });
      const second = api.otherUrl('cut', { cut: 'before-headers' });

      expect(await only(client.get([first, second], { selector: text() }))).toBe('slow');
    });

    it('whose first answers 503 is sent at once to the other, and the body of the error is discarded', async () => {
      const first = api.url('unavailable', { status: 503, stall: 'body', bytes: 100_000 });
      const second = api.otherUrl('available', { body: 'here' });

      expect(await only(client.get([first, second], { selector: text() }))).toBe('here');
      expect((await api.ended('unavailable')).aborted).toBeTrue();
    });

    it('that is left closes both connections', async () => {
      const first = api.url('one', { stall: 'headers' });
      const second = api.otherUrl('two', { stall: 'headers' });
      const subscription = client.get([first, second]).subscribe();
      await Promise.all([api.received('one'), api.received('two')]);
      subscription.unsubscribe();

      expect((await api.ended('one')).aborted).toBeTrue();
      expect((await api.ended('two')).aborted).toBeTrue();
    });

    it('of which all fail hands over the response of the first, with its body', async () => {
      const first = api.url('a', { status: 503, body: 'first', delay: 60 });
      const second = api.otherUrl('b', { status: 500, body: 'second' });
      const response = await only(client.get([first, second], { strategy: { attempts: 1 } }));

      expect([response.status, await response.text()]).toEqual([503, 'first']);
    });

    it('sends the same body and the same key to both', async () => {
      const first = api.url('order', { stall: 'headers' });
      const second = api.otherUrl('order-hedge', { echo: true, headers: { 'access-control-allow-headers': '*' } });
      await only(client.post([first, second], { a: 1 }, { idempotencyKey: true, selector: text() }));
      const [sent, hedge] = [await api.received('order'), await api.received('order-hedge')];

      expect(sent.headers['idempotency-key']).toMatch(/^[\da-f-]{36}$/);
      expect(hedge.headers['idempotency-key']).toBe(sent.headers['idempotency-key']);
    });

    it('that resumes a download takes the rest from where the part came from, or the whole from the other', async () => {
      const file = { seed: 7, size: 60_000 };
      const mirror = { seed: 8, size: 60_000 };
      const same = { etag: '"same"' };
      const first = api.url('eu', [
        { file, headers: same, stallAt: 20_000 },
        { file, headers: same },
      ]);
      const second = api.otherUrl('us', [{ stall: 'headers' }, { file: mirror, headers: same }]);
      const { values } = await settled(
        client.get([first, second], { selector: download(), strategy: { attempts: 5 }, timeout: 400 }),
      );
      const last = values.at(-1);
      const downloaded = String(last && 'bytes' in last && last.bytes);

      // On a busy machine the first attempt is hedged, too, and the download may come from the mirror.
      expect([file, mirror].some((one) => String(fileBytes(one)) === downloaded)).toBeTrue();
      const [, ...resumed] = await api.requests('eu');
      for (const { headers } of resumed) {
        expect(headers['if-range']).toBe(headers.range === undefined ? undefined : '"same"');
      }
      const [whole] = await api.requests('us');
      expect(whole?.headers.range).toBeUndefined();
    });
  });
}
