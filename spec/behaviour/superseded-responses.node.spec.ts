import { concatMap, delay, map, of } from 'rxjs';

import { bytes, download, type Interceptor, lines, RetryClient, text } from '../../src/index.js';
import { nodeFetch } from '../../src/transports/node-fetch.js';
import { undiciFetch } from '../../src/transports/undici.js';
import { only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

for (const [name, fetch] of [
  ['fetch', undefined],
  ['nodeFetch()', nodeFetch()],
  ['undiciFetch()', undiciFetch()],
] as const) {
  describe(`Over ${name}, the first response of an interceptor that sends twice and emits the first`, () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    const SIZE = 300_000;
    let probes = 0;
    const client = (waitMs: number): RetryClient => {
      const probing: Interceptor = (request, next) =>
        next(request).pipe(
          concatMap((first) =>
            next({ ...request, url: api.url(`probe ${name} ${(probes += 1)}`, {}) }).pipe(
              delay(waitMs),
              map(() => first),
            ),
          ),
        );
      return new RetryClient({ fetch, strategy: { attempts: 1 }, interceptors: [probing] });
    };

    for (const waitMs of [0, 400]) {
      it(`is complete, however it is read, ${waitMs} ms later`, async () => {
        const url = (reader: string): string => api.url(`${reader} ${waitMs} ${name}`, { bytes: SIZE });

        expect((await only(client(waitMs).get(url('text'), { selector: text() }))).length).toBe(SIZE);
        expect((await only(client(waitMs).get(url('bytes'), { selector: bytes({ maxBytes: SIZE }) }))).length).toBe(
          SIZE,
        );
        expect((await settled(client(waitMs).get(url('lines'), { selector: lines() }))).values[0]?.length).toBe(SIZE);
        expect((await settled(client(waitMs).get(url('download'), { selector: download() }))).values.at(-1)).toEqual(
          jasmine.objectContaining({ type: 'done', loaded: SIZE }),
        );
        expect((await (await only(client(waitMs).get(url('none')))).text()).length).toBe(SIZE);
      });
    }

    it('errors when it was too long to keep, and is not mistaken for complete', async () => {
      const url = (reader: string): string => api.url(`long ${reader} ${name}`, { bytes: 4_000_000 });
      for (const selector of [text(), lines(), undefined]) {
        const result = await settled(client(400).get(url(String(selector)), { selector: selector as never }));
        expect(result.values).toEqual([]);
        expect(String(result.error)).toMatch(/cut when it sent again/);
      }
    });

    it('stays readable when the interceptor reads it meanwhile', async () => {
      const reading: Interceptor = (request, next) =>
        next(request).pipe(
          concatMap((first) =>
            next({ ...request, url: api.url(`second ${name}`, {}) }).pipe(
              concatMap(() => first.text()),
              concatMap((read) => of(new Response(String(read.length)))),
            ),
          ),
        );
      const client = new RetryClient({ fetch, strategy: { attempts: 1 }, interceptors: [reading] });

      expect(await only(client.get(api.url(`read ${name}`, { bytes: SIZE }), { selector: text() }))).toBe(String(SIZE));
    });
  });
}
