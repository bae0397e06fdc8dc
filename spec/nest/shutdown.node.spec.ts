import { Injectable, Scope } from '@nestjs/common';
import { type Observable, ReplaySubject } from 'rxjs';

import { concurrencyLimit, constant, json, RetryClient, text } from '../../src/index.js';
import { getRetryClientToken, RetryClientModule } from '../../src/nest/index.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { ADAPTERS, controller, first, injectable, injectInto, type RunningApp, startApp, stopApps } from './app.js';

const closed = jasmine.objectContaining({ name: 'AbortError', message: jasmine.stringMatching(/closed/) });

const CALLERS = 25;

describe('The shutdown of a Nest application', () => {
  let upstream: TestServer;

  beforeAll(async () => {
    upstream = await testServer();
  });

  afterAll(() => upstream.close());
  afterEach(() => stopApps());

  for (const adapter of Object.keys(ADAPTERS) as (keyof typeof ADAPTERS)[]) {
    it(`loses no request under load, with ${adapter}: callers in flight are answered, also by retries and failover`, async () => {
      const down = upstream.otherUrl(`down ${adapter}`, { status: 503 });
      const flaky = upstream.url(`flaky ${adapter}`, [
        ...Array.from({ length: 5 }, () => ({ status: 503 })),
        { body: '"ok"', delay: 60 },
      ]);
      const allEntered$ = new ReplaySubject<void>(1);
      let entered = 0;
      const hello = (client: RetryClient): Observable<unknown> => {
        if ((entered += 1) === CALLERS) allEntered$.next();
        return client.get([down, flaky], { selector: json() });
      };
      const { app, logger, url } = await startApp(
        {
          imports: [
            RetryClientModule.forRoot({
              strategy: { attempts: 20, backoff: constant(20), gates: [concurrencyLimit({ max: 4, by: 'all' })] },
            }),
          ],
          controllers: [controller({ hello }, RetryClient)],
        },
        adapter,
      );
      const callers = Array.from({ length: CALLERS }, () =>
        fetch(url('hello'), { headers: { connection: 'close' } }).then((answer) => answer.text()),
      );
      await first(allEntered$);
      await app.close();

      expect(new Set(await Promise.all(callers))).toEqual(new Set(['ok']));
      expect(logger.lines.filter((line) => line.startsWith('error'))).toEqual([]);
      expect(await failureOf(app.get(RetryClient).get(flaky))).toEqual(closed);
    });

    it(`waits for work that no caller waits for, with ${adapter}`, async () => {
      const written: string[] = [];
      const slow = upstream.url(`audit ${adapter}`, [{ status: 503 }, { body: 'written', delay: 50 }]);
      const { app, url } = await startApp(
        {
          imports: [RetryClientModule.forRoot({ strategy: { backoff: constant(50) } })],
          controllers: [
            controller(
              {
                order: (client: RetryClient) => {
                  client.get(slow, { selector: text() }).subscribe((line) => written.push(line));
                  return 'ordered';
                },
              },
              RetryClient,
            ),
          ],
        },
        adapter,
      );

      expect(await (await fetch(url('order'), { headers: { connection: 'close' } })).text()).toBe('ordered');
      await app.close();
      expect(written).toEqual(['written']);
    });
  }

  const contextOf = (options: object): Promise<RunningApp> =>
    startApp({ imports: [RetryClientModule.forRoot(options), RetryClientModule.forFeature('payments')] });

  it('aborts what is left after shutdownTimeout, of the clients of forFeature, too', async () => {
    const { app } = await contextOf({ shutdownTimeout: 50 });
    const payments = app.get<RetryClient>(getRetryClientToken('payments'), { strict: false });
    const failures = [app.get(RetryClient), payments].map((client, index) =>
      failureOf(client.get(upstream.url(`stuck ${String(index)}`, { stall: 'headers' }))),
    );
    await upstream.received('stuck 0');
    await upstream.received('stuck 1');
    await app.close();

    expect(await Promise.all(failures)).toEqual([closed, closed] as unknown[]);
    expect((await upstream.ended('stuck 1')).aborted).toBeTrue();
  });

  it('completes attempts$, and closes what extensions added', async () => {
    const { app } = await contextOf({ extensions: [{ headers: { 'x-a': '1' } }] });
    const client = app.get(RetryClient);
    let completed = false;
    client.attempts$.subscribe({ complete: () => (completed = true) });
    await app.close();

    expect(completed).toBeTrue();
    expect(await failureOf(client.get(upstream.url('late', {})))).toEqual(closed);
    expect(await upstream.requests('late')).toEqual([]);
  });

  it('leaves clients open for onModuleDestroy and beforeApplicationShutdown of others', async () => {
    const seen: string[] = [];
    const Goodbye = injectInto(
      class {
        constructor(private readonly client: RetryClient) {}
        async onModuleDestroy() {
          seen.push(await this.#say('destroy'));
        }
        async beforeApplicationShutdown() {
          seen.push(await this.#say('before'));
        }
        #say(key: string) {
          return only(this.client.get(upstream.url(key, { body: key }), { selector: text() }));
        }
      },
      [RetryClient],
    );
    const { app } = await startApp({ imports: [RetryClientModule.forRoot()], providers: [Goodbye] });
    await app.close();

    expect(seen).toEqual(['destroy', 'before']);
  });

  it('can be asked for twice', async () => {
    const { app } = await contextOf({});
    await app.close();
    await app.close();

    expect(await failureOf(app.get(RetryClient).get('http://a.test/'))).toEqual(closed);
  });

  it('happens with a provider of request scope, which gets the same client', async () => {
    const PerRequest = injectable(RetryClient);
    Injectable({ scope: Scope.REQUEST })(PerRequest);
    const clients = new Set<unknown>();
    const { app, url } = await startApp({
      imports: [RetryClientModule.forRoot()],
      providers: [PerRequest],
      controllers: [
        controller(
          {
            who: ({ injected: [client] }: { readonly injected: readonly unknown[] }) => {
              clients.add(client);
              return 'ok';
            },
          },
          PerRequest,
        ),
      ],
    });
    for (let count = 0; count < 3; count += 1) await (await fetch(url('who'))).text();
    const client = app.get(RetryClient);
    await stopApps();

    expect([...clients]).toEqual([client]);
    expect(await failureOf(client.get('http://a.test/'))).toEqual(closed);
  });
});
