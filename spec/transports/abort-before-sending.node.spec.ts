import { createServer, type IncomingMessage } from 'node:http';

import { Subject, take, takeUntil } from 'rxjs';

import { RetryClient, type Transport } from '../../src/index.js';
import { transports } from '../faults/transports.js';
import { listen } from '../support/node-server.js';
import { only, settled } from '../support/settled.js';

for (const { name, make } of transports) {
  describe(`A transport around ${name} that waits before sending`, () => {
    const receivedMethods: string[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      receivedMethods.push(String(request.method));
      response.end('ok');
    });
    let origin = '';
    const base = make() ?? ((url, init) => globalThis.fetch(url, init));
    const sends: Promise<unknown>[] = [];
    /** The transport was called, and the request has ended. */
    const [called$, ended$] = [new Subject<void>(), new Subject<void>()];
    const first = (source$: Subject<void>) => only(source$.pipe(take(1)));
    const waiting: Transport = async (url, init) => {
      const ended = first(ended$);
      called$.next();
      await ended;
      const sending = base(url, init);
      sends.push(sending);
      return sending;
    };

    beforeAll(async () => {
      ({ origin } = await listen(server));
    });
    afterAll(() => {
      server.close();
      server.closeAllConnections();
    });

    for (const [end, options] of Object.entries({
      timeout: { timeout: 15 },
      totalTimeout: { totalTimeout: 15 },
      unsubscribe: {},
      close: {},
    })) {
      it(`sends nothing after ${end}`, async () => {
        sends.length = receivedMethods.length = 0;
        for (const [method, body] of [
          ['GET', null],
          ['POST', 'text'],
          ['PUT', new Blob(['x'])],
          ['PUT', () => new Blob(['x']).stream()],
        ] as const) {
          const client = new RetryClient({ fetch: waiting, strategy: { attempts: 1 }, ...options });
          const called = first(called$);
          const stop$ = new Subject<void>();
          const ended = settled(client.request(method, origin, { ...(body && { body }) }).pipe(takeUntil(stop$)));
          await called;
          if (end === 'unsubscribe') stop$.next();
          if (end === 'close') client.close();
          await ended;
          ended$.next();
        }
        // Whatever was sent before it is received by then.
        await (await fetch(origin, { method: 'OPTIONS' })).text();
        const results = await Promise.allSettled(sends);
        expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
        expect(receivedMethods).toEqual(['OPTIONS']);
      });
    }
  });
}
