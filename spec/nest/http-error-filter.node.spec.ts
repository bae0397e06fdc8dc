import type { ServerResponse } from 'node:http';

import { NotFoundException } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ExternalContextCreator } from '@nestjs/core/helpers/external-context-creator.js';
import { throwError } from 'rxjs';

import { circuitBreaker, constant, defineGate, RetryClient } from '../../src/index.js';
import { HttpErrorFilter, RetryClientModule, RetryLaterException, toHttpException } from '../../src/nest/index.js';
import { type Answer, bodiless, network } from '../support/scripted-network.js';
import { failureOf } from '../support/settled.js';
import { ADAPTERS, controller, type Handler, startApp, stopApps } from './app.js';

const url = 'http://secret.upstream.test/';

/** Fails as a request does that gets the answer. */
const failing = (answer: Answer, options: object = {}) =>
  failureOf(
    new RetryClient({
      interceptors: [network(answer).interceptor],
      strategy: { attempts: 1, backoff: constant(0) },
    }).getJSON(url, options),
  );

describe('HttpErrorFilter', () => {
  afterEach(() => stopApps());

  for (const adapter of Object.keys(ADAPTERS) as (keyof typeof ADAPTERS)[]) {
    const answerOf = async (error: unknown) => {
      const { url: own } = await startApp(
        { controllers: [controller({ x: () => throwError(() => error) })] },
        adapter,
        (app) => app.useGlobalFilters(new HttpErrorFilter()),
      );
      const answer = await fetch(own('x'));
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.text() };
    };

    it(`answers with 502, 503 and 504, with ${adapter}, and does not tell of the servers behind`, async () => {
      const errors = {
        network: await failureOf(
          new RetryClient({
            fetch: () => Promise.reject(new TypeError('fetch failed')),
            strategy: { attempts: 1 },
          }).get(url),
        ),
        status: await failing(500),
        missing: await failing(404),
        parse: await failing(() => new Response('<html>')),
        busy: await failing(bodiless(503, { 'retry-after': '7' })),
        limited: await failing(bodiless(429)),
        late: await failing(504),
        timeout: await failing(200, {
          strategy: { gates: [defineGate({ name: 'never', admit: () => throwError(() => new Error('no')) })] },
        }),
      };
      const answers = [];
      for (const error of Object.values(errors)) answers.push(await answerOf(error));

      expect(answers.map(({ status, retryAfter }) => [status, retryAfter])).toEqual([
        [502, null],
        [502, null],
        [502, null],
        [502, null],
        [503, '7'],
        [503, null],
        [504, null],
        [503, null],
      ]);
      for (const { body } of answers) expect(body).not.toContain('secret');
      expect(JSON.parse(answers[0]!.body)).toEqual({ message: 'Bad Gateway', statusCode: 502 });
    });

    it(`cuts a response that has begun, with ${adapter}`, async () => {
      const error = await failing(500);
      const { url: own } = await startApp({ controllers: [controller({ x: () => 'whole' })] }, adapter, (app) => {
        app.useGlobalFilters(new HttpErrorFilter());
        app.useGlobalInterceptors({
          intercept: (context) => {
            const reply = context.switchToHttp().getResponse<ServerResponse & { raw?: ServerResponse }>();
            (reply.raw ?? reply).write('a part');
            return throwError(() => error);
          },
        });
      });

      await expectAsync(fetch(own('x')).then((answer) => answer.text())).toBeRejected();
    });
  }

  it('works as a provider, and tells how long a breaker is open', async () => {
    const breaker = circuitBreaker({ minimumThroughput: 1, failureRatio: 0.1, breakDuration: 30_000 });
    const routes: Record<string, Handler> = { x: (client: RetryClient) => client.getJSON(url) };
    const { url: own, logger } = await startApp({
      imports: [
        RetryClientModule.forRoot({
          interceptors: [network(500).interceptor],
          strategy: { attempts: 1, gates: [breaker] },
        }),
      ],
      providers: [{ provide: APP_FILTER, useClass: HttpErrorFilter }],
      controllers: [controller(routes, RetryClient)],
    });
    const first = await fetch(own('x'));
    const second = await fetch(own('x'));

    expect([first.status, second.status]).toEqual([502, 503]);
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThanOrEqual(29);
    // What the client logs is enough.
    expect(logger.of('ExceptionsHandler')).toEqual([]);
  });

  it('answers 503 for requests of a client that the shutdown has closed', async () => {
    const client = new RetryClient();
    client.close();
    const { url: own } = await startApp({ controllers: [controller({ x: () => client.get(url) })] }, 'Express', (app) =>
      app.useGlobalFilters(new HttpErrorFilter()),
    );

    expect((await fetch(own('x'))).status).toBe(503);
  });

  it('leaves an AbortError of the handler a fault, which is logged', async () => {
    const { url: own, logger } = await startApp(
      { controllers: [controller({ x: () => throwError(() => new DOMException('mine', 'AbortError')) })] },
      'Express',
      (app) => app.useGlobalFilters(new HttpErrorFilter()),
    );

    expect((await fetch(own('x'))).status).toBe(500);
    expect(logger.of('HttpErrorFilter').length).toBe(1);
  });

  it('fails a field of GraphQL with the exception, and is not its value', async () => {
    const error = await failing(500);
    class Resolver {
      field() {
        return throwError(() => error);
      }
    }
    const { app } = await startApp({ providers: [Resolver] }, 'Express', (app) =>
      app.useGlobalFilters(new HttpErrorFilter()),
    );
    const resolver = app.get(Resolver);
    const field = app
      .get(ExternalContextCreator)
      // eslint-disable-next-line @typescript-eslint/unbound-method -- Nest binds it
      .create(resolver, resolver.field, 'field', undefined, undefined, undefined, undefined, undefined, 'graphql');

    await expectAsync(field()).toBeRejectedWith(toHttpException(error)!);
  });

  it('logs the error of a gateway, and does not end the process', async () => {
    const { logger } = await startApp({});
    const error = await failing(500);
    expect(new HttpErrorFilter().catch(error, { getType: () => 'ws' } as never)).toBeUndefined();
    expect(logger.of('HttpErrorFilter').length).toBe(1);
  });

  it('passes the exception on in a microservice', async () => {
    const error = await failing(500);
    const host = { getType: () => 'rpc' };
    const exception = await failureOf(new HttpErrorFilter().catch(error, host as never)!);

    expect(exception).toEqual(toHttpException(error)!);
  });
});

describe('toHttpException()', () => {
  it('keeps the error as its cause, and an HttpException as it is', async () => {
    const error = await failing(500);
    const exception = new NotFoundException();

    expect(toHttpException(error)!.cause).toBe(error);
    expect(toHttpException(exception)).toBe(exception);
  });

  it('tells the wait in whole seconds, at least one', async () => {
    const retryAfter = async (value: string) =>
      (toHttpException(await failing(bodiless(503, { 'retry-after': value }))) as RetryLaterException).retryAfter;

    expect(await retryAfter('0')).toBe(1);
    expect(await retryAfter('61')).toBe(61);
    expect(await retryAfter('soon')).toBeUndefined();
    expect(new RetryLaterException(Infinity, undefined).retryAfter).toBeUndefined();
    expect(new RetryLaterException(1_001, undefined).retryAfter).toBe(2);
  });

  it('knows timeouts of attempts, of signals, and no other errors', async () => {
    const timeout = AbortSignal.timeout(0);
    await new Promise((resolve) => {
      timeout.addEventListener('abort', resolve);
    });

    expect(toHttpException(timeout.reason)!.getStatus()).toBe(504);
    expect(toHttpException(new Error('x'))).toBeUndefined();
    expect(toHttpException(undefined)).toBeUndefined();
    expect(toHttpException('x')).toBeUndefined();
    expect(toHttpException(new DOMException('mine', 'AbortError'))).toBeUndefined();
  });
});
