import { context, trace } from '@opentelemetry/api';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { StackContextManager } from '@opentelemetry/sdk-trace-web';

import { constant, RetryClient } from '../../src/index.js';
import { telemetry } from '../../src/opentelemetry/index.js';
import { only } from '../support/settled.js';
import { parseTraceparent, TelemetryRecorder } from '../support/telemetry.js';
import { type TestServer, testServer } from '../support/test-server.js';

// The instrumentation of fetch is for browsers alone.
if (typeof document !== 'undefined') {
  describe('Spans beside the instrumentation of fetch, in a browser', () => {
    let server: TestServer;
    let recorder: TelemetryRecorder;
    let instrumentation: FetchInstrumentation;

    beforeAll(async () => {
      server = await testServer();
    });
    afterAll(() => server.close());
    beforeEach(() => {
      recorder = new TelemetryRecorder().register(new StackContextManager());
      instrumentation = new FetchInstrumentation();
      instrumentation.setTracerProvider(recorder.tracerProvider);
      instrumentation.enable();
    });
    afterEach(async () => {
      instrumentation.disable();
      expect(recorder.open).toEqual([]);
      await recorder.unregister();
    });

    it('are not made twice, and the server gets the traceparent of the sending', async () => {
      // Shows that the instrumentation works here.
      const own = server.url('own', { json: 1 });
      await (await fetch(own)).json();
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(recorder.sends.length).toBe(1);
      recorder.spans.length = 0;

      const client = new RetryClient({ strategy: { backoff: constant(1) } }).extend(telemetry());
      const url = server.url('once', [{ status: 503 }, { json: 1 }]);
      const caller = recorder.tracer.startSpan('caller');
      await context.with(trace.setSpan(context.active(), caller), () => only(client.getJSON(url)));
      caller.end();
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(recorder.spans.map(({ name }) => name)).toEqual(['GET', 'GET', 'request GET', 'caller']);
      const sent = (await server.requests('once')).map(({ headers }) => parseTraceparent(headers.traceparent).spanId);
      expect(sent).toEqual(recorder.sends.map((span) => span.spanContext().spanId));
    });
  });
}
