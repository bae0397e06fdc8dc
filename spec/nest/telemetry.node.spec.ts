import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { Observable } from 'rxjs';

import { concurrencyLimit, constant, json, RetryClient } from '../../src/index.js';
import { deadlineInterceptor, RetryClientModule } from '../../src/nest/index.js';
import { telemetry } from '../../src/opentelemetry/index.js';
import { parseTraceparent, TelemetryRecorder } from '../support/telemetry.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { controller, startApp, stopApps } from './app.js';

describe('Telemetry as an extension of the client of Nest', () => {
  let upstream: TestServer;
  let recorder: TelemetryRecorder;

  beforeAll(async () => {
    upstream = await testServer();
    recorder = new TelemetryRecorder().register(new AsyncLocalStorageContextManager());
  });

  afterAll(async () => {
    await stopApps();
    await recorder.unregister();
    await upstream.close();
  });

  it('traces what each caller caused upstream in that caller’s trace, also where a gate lets it in for another one', async () => {
    const target = upstream.url('traced', [{ status: 503 }, { json: 1, delay: 5 }]);
    const { url } = await startApp(
      {
        imports: [
          RetryClientModule.forRoot({
            strategy: { backoff: constant(5), attempts: 5, gates: [concurrencyLimit({ max: 1 })] },
            extensions: [telemetry()],
            log: false,
          }),
        ],
        controllers: [
          controller({ x: (client: RetryClient) => client.get(target, { selector: json() }) }, RetryClient),
        ],
      },
      'Express',
      (app) => {
        app.useGlobalInterceptors(
          {
            // What an instrumentation of the server does.
            intercept: (_, next) =>
              new Observable((subscriber) => {
                const span = recorder.tracer.startSpan('caller');
                subscriber.add(() => {
                  span.end();
                });
                context.with(trace.setSpan(context.active(), span), () => next.handle().subscribe(subscriber));
              }),
          },
          deadlineInterceptor({ default: 5_000 }),
        );
      },
    );
    const callers = Array.from({ length: 6 }, () => fetch(url('x')).then((answer) => answer.json()));
    expect(await Promise.all(callers)).toEqual(Array(6).fill(1));

    const servers = recorder.spans.filter(({ name }) => name === 'caller').map((span) => span.spanContext());
    expect(new Set(recorder.requests.map(({ parentSpanContext }) => parentSpanContext!.spanId))).toEqual(
      new Set(servers.map(({ spanId }) => spanId)),
    );
    expect(recorder.sends.length).toBe(7);
    const sent = (await upstream.requests('traced')).map(({ headers }) => parseTraceparent(headers.traceparent));
    expect(new Set(sent.map(({ traceId }) => traceId))).toEqual(new Set(servers.map(({ traceId }) => traceId)));
    expect(new Set(sent.map(({ spanId }) => spanId))).toEqual(
      new Set(recorder.sends.map((span) => span.spanContext().spanId)),
    );
    expect(recorder.open).toEqual([]);
  });
});
