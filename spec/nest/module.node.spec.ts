import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { NEVER } from 'rxjs';

import { constant, RetryClient, text, type ClientOptions } from '../../src/index.js';
import { getRetryClientToken, InjectRetryClient, RetryClientModule } from '../../src/nest/index.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only } from '../support/settled.js';
import { injectable, MemoryLogger, moduleOf, startApp, stopApps } from './app.js';

const url = 'http://a.test/';

const contextOf = async (...imports: unknown[]) => {
  const logger = new MemoryLogger();
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- Nest's options are a class
  const options = { logger, abortOnError: false } as Parameters<typeof NestFactory.createApplicationContext>[1];
  const app = await NestFactory.createApplicationContext(moduleOf({ imports: imports as never[] }), options);
  return { app, logger };
};

describe('RetryClientModule', () => {
  describe('forRoot()', () => {
    it('provides a client as RetryClient, in every module', async () => {
      const { interceptor, urls } = network(200);
      const Service = injectable(RetryClient, getRetryClientToken());
      const feature = moduleOf({ providers: [Service] });
      const { app } = await contextOf(
        RetryClientModule.forRoot({ baseUrl: url, interceptors: [interceptor] }),
        feature,
      );
      const [client, same] = app.get(Service).injected as RetryClient[];

      expect(client).toBeInstanceOf(RetryClient);
      expect(same).toBe(client);
      await only(client!.get('users'));
      expect(urls()).toEqual(['http://a.test/users']);
    });

    it('works without options', async () => {
      const { app } = await contextOf(RetryClientModule.forRoot());

      expect(app.get(RetryClient)).toBeInstanceOf(RetryClient);
    });

    it('with isGlobal: false is for the modules that import it', async () => {
      const { app } = await contextOf(RetryClientModule.forRoot({ isGlobal: false }));
      const feature = moduleOf({ providers: [injectable(RetryClient)] });

      expect(app.get(RetryClient, { strict: false })).toBeInstanceOf(RetryClient);
      await expectAsync(contextOf(RetryClientModule.forRoot({ isGlobal: false }), feature)).toBeRejectedWithError(
        /resolve dependencies/,
      );
    });

    it('names a bad option when the application starts', async () => {
      const start = (options: object) => contextOf(RetryClientModule.forRoot(options));

      await expectAsync(start({ timeout: -1 })).toBeRejectedWithError(RangeError, /timeout/);
      await expectAsync(start({ baseURL: url })).toBeRejectedWithError(TypeError, /baseURL.*baseUrl/);
      await expectAsync(start({ log: 'verbose' })).toBeRejectedWithError(TypeError, /log must be 'debug'/);
      await expectAsync(start({ shutdownTimeout: 0 })).toBeRejectedWithError(TypeError, /shutdownTimeout/);
      await expectAsync(start({ extensions: [5] })).toBeRejectedWithError(TypeError, /extensions\[0\]/);
      expect(() => RetryClientModule.forRoot({ isGlobal: 'yes' } as never)).toThrowError(TypeError, /isGlobal/);
    });

    it('extends the client by options of other libraries, each over those before', async () => {
      const { interceptor, header } = network(200);
      const heard: string[] = [];
      const listen = (name: string): ClientOptions => ({
        observers: [() => ({ next: ({ type }) => heard.push(`${name} ${type}`) })],
        headers: { 'x-by': name },
      });
      const { app } = await contextOf(
        RetryClientModule.forRoot({ interceptors: [interceptor], extensions: [listen('one'), listen('two')] }),
      );
      await only(app.get(RetryClient).get(url));

      expect(header('x-by')).toEqual(['two']);
      expect(heard.slice(0, 2)).toEqual(['one start', 'two start']);
    });
  });

  describe('forRootAsync()', () => {
    const options = (): ClientOptions => ({ baseUrl: 'http://async.test/', interceptors: [echo] });
    const echo = network(() => new Response('ok')).interceptor;
    class Options {
      createRetryClientOptions(): Promise<ClientOptions> {
        return Promise.resolve(options());
      }
    }
    const read = async (app: { get(token: typeof RetryClient): RetryClient }) =>
      only(app.get(RetryClient).get('x', { selector: text() }));

    it('takes a factory, with what is injected', async () => {
      const config = moduleOf({ providers: [{ provide: 'CONFIG', useValue: options() }], exports: ['CONFIG'] });
      const { app } = await contextOf(
        RetryClientModule.forRootAsync({
          imports: [config],
          inject: ['CONFIG'],
          useFactory: (value: ClientOptions) => Promise.resolve(value),
        }),
      );

      expect(await read(app)).toBe('ok');
    });

    it('takes a class', async () => {
      const { app } = await contextOf(RetryClientModule.forRootAsync({ useClass: Options }));

      expect(await read(app)).toBe('ok');
    });

    it('takes an existing provider', async () => {
      const config = moduleOf({ providers: [Options], exports: [Options] });
      const { app } = await contextOf(
        RetryClientModule.forRootAsync({ imports: [config], useExisting: Options, isGlobal: true }),
      );

      expect(await read(app)).toBe('ok');
    });

    it('fails to start when the factory fails', async () => {
      await expectAsync(
        contextOf(RetryClientModule.forRootAsync({ useFactory: () => Promise.reject(new Error('no vault')) })),
      ).toBeRejectedWithError('no vault');
    });
  });

  describe('forFeature()', () => {
    it('provides another client under its name, which extends that of forRoot', async () => {
      const { interceptor, urls, header } = network(200);
      const Service = injectable(getRetryClientToken('payments'), RetryClient);
      const feature = moduleOf({
        imports: [RetryClientModule.forFeature('payments', { baseUrl: 'http://pay.test/' })],
        providers: [Service],
      });
      const { app } = await contextOf(
        RetryClientModule.forRoot({ baseUrl: url, interceptors: [interceptor], headers: { 'x-app': 'shop' } }),
        feature,
      );
      const [payments, root] = app.get(Service).injected as RetryClient[];
      const clients: unknown[] = [];
      root!.attempts$.subscribe(({ type, attempt }) => {
        if (type === 'start') clients.push(attempt.client);
      });
      await only(payments!.get('methods'));
      await only(root!.get('users'));

      expect(urls()).toEqual(['http://pay.test/methods', 'http://a.test/users']);
      expect(header('x-app')).toEqual(['shop', 'shop']);
      expect(clients).toEqual(['payments', undefined]);
    });

    it('does not send the credentials of forRoot to another origin', async () => {
      const { interceptor, header } = network(200);
      const { app } = await contextOf(
        RetryClientModule.forRoot({
          baseUrl: url,
          interceptors: [interceptor],
          headers: { authorization: 'Bearer a' },
        }),
        RetryClientModule.forFeature('payments', { baseUrl: 'http://pay.test/' }),
      );
      await only(app.get<RetryClient>(getRetryClientToken('payments'), { strict: false }).get('methods'));

      expect(header('authorization')).toEqual([null]);
    });

    it('stands alone without forRoot, or where that is not global', async () => {
      const { interceptor, header } = network(200);
      const root = RetryClientModule.forRoot({ isGlobal: false, headers: { 'x-app': 'shop' } });
      const { app } = await contextOf(
        root,
        RetryClientModule.forFeatureAsync('payments', { useFactory: () => ({ interceptors: [interceptor] }) }),
      );
      await only(app.get<RetryClient>(getRetryClientToken('payments'), { strict: false }).get(url));

      expect(header('x-app')).toEqual([null]);
    });

    it('makes a client for each call, and one for modules that share a call', async () => {
      const shared = RetryClientModule.forFeature('shared');
      const token = getRetryClientToken('shared');
      const services = [1, 2].map(() => injectable(token));
      const alone = injectable(token);
      const { app } = await contextOf(
        ...services.map((Service) => moduleOf({ imports: [shared], providers: [Service] })),
        moduleOf({ imports: [RetryClientModule.forFeature('shared')], providers: [alone] }),
      );
      const [[one], [two], [other]] = [...services, alone].map((Service) => app.get(Service).injected) as [
        RetryClient[],
        RetryClient[],
        RetryClient[],
      ];

      expect(one).toBe(two);
      expect(other).not.toBe(one);
    });

    it('refuses what only forRoot may say, and bad names', async () => {
      await expectAsync(
        contextOf(RetryClientModule.forRoot(), RetryClientModule.forFeature('payments', { log: false })),
      ).toBeRejectedWithError(TypeError, /log is an option of forRoot\(\).*"payments"/);
      for (const name of ['', 5, undefined]) {
        expect(() => RetryClientModule.forFeature(name as string)).toThrowError(/name must be a name/);
      }
      expect(() => getRetryClientToken('')).toThrowError(RangeError);
      expect(() => InjectRetryClient('')).toThrowError(RangeError);
    });
  });

  it('@InjectRetryClient injects into parameters and properties', async () => {
    class Service {
      static client: unknown;
      declare payments: RetryClient;
      constructor(readonly client: RetryClient) {}
    }
    InjectRetryClient()(Service, undefined, 0);
    InjectRetryClient('payments')(Service.prototype, 'payments');
    const { app } = await contextOf(
      RetryClientModule.forRoot(),
      moduleOf({ imports: [RetryClientModule.forFeature('payments')], providers: [Service] }),
    );

    expect(app.get(Service).client).toBe(app.get(RetryClient));
    expect(app.get(Service).payments).toBe(app.get(getRetryClientToken('payments'), { strict: false }));
  });

  describe('in tests', () => {
    it('overrideProvider replaces a client, of which forFeature is an extension', async () => {
      const fake = new RetryClient({ interceptors: [network(() => new Response('fake')).interceptor] });
      const Service = injectable(RetryClient, getRetryClientToken('payments'));
      const moduleRef = await Test.createTestingModule({
        imports: [
          RetryClientModule.forRoot({ baseUrl: url }),
          moduleOf({ imports: [RetryClientModule.forFeature('payments')], providers: [Service], exports: [Service] }),
        ],
      })
        .overrideProvider(RetryClient)
        .useValue(fake)
        .compile();
      const [root, payments] = moduleRef.get(Service, { strict: false }).injected as RetryClient[];

      expect(root).toBe(fake);
      expect(await only(payments!.get(url, { selector: text() }))).toBe('fake');
      // The application has not made it, so it does not close it.
      await moduleRef.close();
      expect(await only(fake.get(url, { selector: text() }))).toBe('fake');
    });

    it('a stub of an object may stand for a client', async () => {
      const stub = { getJSON: () => NEVER };
      const moduleRef = await Test.createTestingModule({
        imports: [RetryClientModule.forRoot(), RetryClientModule.forFeature('payments')],
      })
        .overrideProvider(RetryClient)
        .useValue(stub)
        .overrideProvider(getRetryClientToken('payments'))
        .useValue(stub)
        .compile();

      expect(moduleRef.get<unknown>(RetryClient)).toBe(stub);
      expect(moduleRef.get<unknown>(getRetryClientToken('payments'), { strict: false })).toBe(stub);
      await moduleRef.close();
    });

    it('overrideModule replaces the module', async () => {
      const fake = moduleOf({ providers: [{ provide: RetryClient, useValue: 'fake' }], exports: [RetryClient] });
      const Service = injectable(RetryClient);
      const root = RetryClientModule.forRoot({ isGlobal: false });
      const moduleRef = await Test.createTestingModule({ imports: [root], providers: [Service] })
        .overrideModule(root)
        .useModule(fake)
        .compile();

      expect(moduleRef.get(Service).injected).toEqual(['fake']);
    });
  });

  describe('logs to the Logger of Nest', () => {
    const run = async (options: object) => {
      const { interceptor } = network(503, 200, 404);
      const { app, logger } = await contextOf(
        RetryClientModule.forRoot({ interceptors: [interceptor], strategy: { backoff: constant(0) }, ...options }),
        RetryClientModule.forFeature('payments'),
      );
      await only(app.get(RetryClient).get(url));
      await failureOf(
        app.get<RetryClient>(getRetryClientToken('payments'), { strict: false }).get(url, { throwHttpErrors: true }),
      );
      await app.close();
      return logger.of('RetryClient').filter((line) => !line.includes('RetryClientModule'));
    };
    const levels = (lines: string[]) => lines.map((line) => line.split(':')[0]);

    it('retries and final failures, in the context of their client', async () => {
      const lines = await run({});

      expect(levels(lines)).toEqual(['warn RetryClient', 'error RetryClient']);
      expect(lines[0]).toMatch(
        /^warn RetryClient: \[\S+\] GET http:\/\/a\.test\/ #1\/3 failed after \d+ ms: 503; next in 0 ms$/,
      );
      expect(lines[1]).toMatch(/^error RetryClient:payments: .* 404/);
    });

    it('no error for a request that a signal or the shutdown ends', async () => {
      const { app, logger } = await contextOf(
        RetryClientModule.forRoot({ interceptors: [network(NEVER).interceptor], log: 'log', shutdownTimeout: 10 }),
      );
      const client = app.get(RetryClient);
      await failureOf(client.get(url, { signal: AbortSignal.timeout(5) }));
      const closed = failureOf(client.get(url));
      await app.close();
      await closed;

      expect(levels(logger.of('RetryClient').filter((line) => !line.includes('RetryClientModule')))).toEqual([
        'log RetryClient',
        'log RetryClient',
      ]);
    });

    it('more by the option log, or nothing', async () => {
      expect(levels(await run({ log: 'error' }))).toEqual(['error RetryClient']);
      expect(levels(await run({ log: 'log' })).filter((line) => line === 'log RetryClient').length).toBe(1);
      expect(levels(await run({ log: 'debug' })).filter((line) => line === 'debug RetryClient').length).toBeGreaterThan(
        5,
      );
      expect(await run({ log: false })).toEqual([]);
    });
  });

  it('keeps two applications in one process apart', async () => {
    const apps: INestApplication[] = [];
    for (const body of ['one', 'two']) {
      const { interceptor } = network(() => new Response(body));
      const { app } = await startApp({ imports: [RetryClientModule.forRoot({ interceptors: [interceptor] })] });
      apps.push(app);
    }
    await apps[0]!.close();

    expect(await only(apps[1]!.get(RetryClient).get(url, { selector: text() }))).toBe('two');
    expect(await failureOf(apps[0]!.get(RetryClient).get(url))).toEqual(
      jasmine.objectContaining({ name: 'AbortError' }),
    );
    await stopApps();
  });
});
