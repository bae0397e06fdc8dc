import { constant, RetryClient, type UploadProgress, withProgress } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { inPieces } from '../support/bodies.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { fileBytes } from '../support/served-file.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

for (const [name, fetch] of [
  ['fetch', undefined],
  ['nodeFetch()', nodeFetch()],
] as const) {
  describe(`withProgress(), through ${name},`, () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });
    const bytes = fileBytes({ size: 300_000, seed: 1 });

    function* thirds(): Generator<Uint8Array<ArrayBuffer>> {
      for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000);
    }
    async function* iterable(): AsyncGenerator<Uint8Array> {
      for (const piece of thirds()) yield await Promise.resolve(piece);
    }

    const stream = () => inPieces([...thirds()].map((piece) => piece.slice())).body as ReadableStream<Uint8Array>;

    for (const [kind, body, total] of [
      ['a Blob', new Blob([bytes]), 300_000],
      ['bytes', bytes, 300_000],
      ['a part of a buffer', fileBytes({ size: 300_010, seed: 1 }).subarray(0, 300_000), 300_000],
      ['an ArrayBuffer', bytes.buffer, 300_000],
      ['a function that makes a stream', stream, undefined],
      ['a function that makes an async iterable', iterable, undefined],
      ['a function that makes a Blob', () => new Blob([bytes]), 300_000],
    ] as const) {
      it(`reports how much of ${kind} has been taken, from 0 for each attempt`, async () => {
        const reports: UploadProgress[] = [];
        const url = api.url(kind, [{ status: 503 }, {}]);
        await only(
          client.put(
            url,
            withProgress(body, (progress) => reports.push(progress)),
          ),
        );

        const loaded = reports.map((progress) => progress.loaded);
        const second = loaded.lastIndexOf(0);
        expect(second).toBeGreaterThan(0);
        for (const attempt of [loaded.slice(0, second), loaded.slice(second)]) {
          expect(attempt.length).toBeGreaterThan(3);
          expect(attempt).toEqual([...attempt].sort((a, b) => a - b));
          expect([attempt[0], attempt.at(-1)]).toEqual([0, 300_000]);
        }
        expect(reports.every((progress) => progress.total === total)).toBeTrue();
        expect((await api.requests(kind)).map((request) => request.bytes)).toEqual([300_000, 300_000]);
      });
    }

    it('sends a stream once, as it is without it', async () => {
      const reports: number[] = [];
      const body = withProgress(iterable(), ({ loaded }) => reports.push(loaded));
      await only(client.put(api.url('once', {}), body));
      expect(reports).toEqual([0, 100_000, 200_000, 300_000]);

      await failureOf(
        client.put(
          api.url('twice', [{ cut: 'before-headers' }, {}]),
          withProgress(stream(), () => undefined),
        ),
      );
      expect((await api.requests('twice')).length).toBe(1);
    });

    it('ends its source if the request is unsubscribed', async () => {
      let returned = false;
      async function* slow(): AsyncGenerator<Uint8Array> {
        try {
          for (;;) {
            await new Promise((resolve) => setTimeout(resolve, 5));
            yield new Uint8Array(10);
          }
        } finally {
          returned = true;
        }
      }
      await new Promise<void>((resolve) => {
        const subscription = client
          .put(
            api.url('left', {}),
            withProgress(slow, ({ loaded }) => {
              if (loaded < 30) return;
              setTimeout(() => {
                subscription.unsubscribe();
                resolve();
              });
            }),
          )
          .subscribe();
      });
      await api.ended('left');
      await new Promise((resolve) => setTimeout(resolve, 20));

      expect(returned).toBeTrue();
    });

    it('can be given a Content-Length, as any stream', async () => {
      await only(
        client.put(
          api.url('length', {}),
          withProgress(bytes, () => undefined),
          { headers: { 'Content-Length': '300000', 'Content-Type': 'x/y' } },
        ),
      );
      const [request] = await api.requests('length');

      expect([request?.headers['content-length'], request?.headers['content-type'], request?.bytes]).toEqual([
        '300000',
        'x/y',
        300_000,
      ]);
    });
  });
}

describe('withProgress()', () => {
  it('refuses a body that it cannot count, at once', () => {
    expectRefusal(() => withProgress('text' as never, () => undefined), [TypeError], 'body', "'text'");
    expectRefusal(() => withProgress(new Blob(), undefined as never), [TypeError], 'listener', 'undefined');
  });
});
