import type { Attributes, ObservableCallback, ObservableUpDownCounter } from '@opentelemetry/api';
import { StackContextManager } from '@opentelemetry/sdk-trace-web';
import { EMPTY } from 'rxjs';

import { type ClientOptions, concurrencyLimit, constant, defineGate, RetryClient } from '../../src/index.js';
import { ActiveRequests } from '../../src/opentelemetry/active-requests.js';
import { telemetry, type TelemetryOptions } from '../../src/opentelemetry/index.js';
import { messageTarget } from '../../src/opentelemetry/message-attributes.js';
import { failureOf, only } from '../support/settled.js';
import { type Point, TelemetryRecorder } from '../support/telemetry.js';
import { type TestServer, testServer } from '../support/test-server.js';

describe('Metrics', () => {
  let server: TestServer;
  let recorder: TelemetryRecorder;

  beforeAll(async () => {
    server = await testServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    recorder = new TelemetryRecorder().register(new StackContextManager());
  });
  afterEach(() => recorder.unregister());

  const clientOf = (options: ClientOptions = {}, telemetryOptions?: TelemetryOptions): RetryClient =>
    new RetryClient({
      timeout: 2_000,
      name: 'shop',
      ...options,
      strategy: { backoff: constant(20), ...options.strategy },
    }).extend(telemetry(telemetryOptions));

  const histogram = ({ value }: Point) => value as Exclude<Point['value'], number>;

  it('are the duration of each sending, and how many are under way', async () => {
    const url = server.url('duration', [{ status: 503 }, { json: 1 }]);
    const left = clientOf()
      .get(server.url('under-way', { stall: 'headers' }))
      .subscribe();
    await server.received('under-way');
    await only(clientOf().getJSON(url));
    const { hostname, port } = new URL(url);
    const target = { 'http.request.method': 'GET', 'server.address': hostname, 'server.port': Number(port) };

    const active = (await recorder.points())['http.client.active_requests']!;
    expect(active.map(({ attributes, value, unit }) => [attributes, value, unit])).toEqual([[target, 1, '{request}']]);
    left.unsubscribe();

    const points = await recorder.points();
    expect(points['http.client.active_requests']!.map(({ value }) => value)).toEqual([0]);
    const duration = points['http.client.request.duration']!;
    expect(duration.map(({ attributes }) => attributes)).toEqual(
      jasmine.arrayWithExactContents([
        { ...target, 'http.response.status_code': 503, 'error.type': '503' },
        { ...target, 'http.response.status_code': 200 },
        target,
      ]) as never,
    );
    for (const point of duration) {
      expect(point.unit).toBe('s');
      expect(histogram(point).count).toBe(1);
      expect(histogram(point).sum).toBeLessThan(2);
      expect(histogram(point).boundaries).toEqual([
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
      ]);
    }
  });

  it('of our own are retries, their delays, holds, and rejections by gate', async () => {
    await only(clientOf().getJSON(server.url('retried', [{ status: 503 }, { status: 500 }, { json: 1 }])));
    await only(clientOf().getJSON(server.url('not-retried', { json: 1 })));
    const limited = clientOf({ strategy: { gates: [concurrencyLimit({ max: 1 })] } });
    const slow = only(limited.getJSON(server.url('first', { json: 1, delay: 50 })));
    await only(limited.getJSON(server.url('second', { json: 1 })));
    await slow;
    const closed = defineGate({ name: 'closed', admit: () => EMPTY });
    await failureOf(clientOf({ strategy: { gates: [closed] } }).get(server.url('third', { json: 1 })));

    const points = await recorder.points();
    const { hostname, port } = new URL(server.origin);
    const target = {
      'http.request.method': 'GET',
      'server.address': hostname,
      'server.port': Number(port),
      'rxjs_retry_client.client': 'shop',
    };
    const [retries] = points['rxjs_retry_client.retries']!;
    expect(retries!.attributes).toEqual(target);
    expect([histogram(retries!).count, histogram(retries!).sum, retries!.unit]).toEqual([1, 2, '{retry}']);
    expect(histogram(retries!).boundaries).toEqual([1, 2, 3, 4, 5]);
    const [delay] = points['rxjs_retry_client.retry_delay']!;
    expect([histogram(delay!).count, histogram(delay!).sum, delay!.unit]).toEqual([2, 0.04, 's']);
    const [hold] = points['rxjs_retry_client.hold_time']!;
    expect(hold!.attributes).toEqual({ ...target, 'rxjs_retry_client.gate': 'concurrency-limit' });
    expect(histogram(hold!).count).toBe(1);
    expect(histogram(hold!).sum).toBeGreaterThan(0.04);
    expect(points['rxjs_retry_client.rejections']).toEqual([
      { attributes: { ...target, 'rxjs_retry_client.gate': 'closed' }, value: 1, unit: '{request}' },
    ]);
  });

  it('have few attributes: no path, an unknown method is _OTHER, and a template only if there is one', async () => {
    const client = clientOf({}, { urlTemplate: ({ context: { route } }) => route as string | undefined });
    const url = server.url('cardinality', { status: 204 });
    await only(client.request('PURGE', `${url}?id=1`));
    await only(client.request('LINK', `${url}?id=2`));
    await only(client.get(`${url}?id=3`, { context: { route: '/users/{id}' } }));
    const attributes = (await recorder.points())['http.client.request.duration']!.map((point) => point.attributes);
    expect(attributes.map((all) => [all['http.request.method'], all['url.template']])).toEqual([
      ['_OTHER', undefined],
      ['GET', '/users/{id}'],
    ]);
  });

  it('count the requests under way of all clients of a provider together, whatever the options of each', async () => {
    const url = server.url('together', { stall: 'headers' });
    const active = async () => (await recorder.points())['http.client.active_requests']!.map(({ value }) => value);
    const one = clientOf().get(url).subscribe();
    const other = clientOf({}, { requestSpan: false }).get(url).subscribe();
    expect(await active()).toEqual([2]);
    one.unsubscribe();
    expect(await active()).toEqual([1]);
    other.unsubscribe();
    expect(await active()).toEqual([0]);
  });

  it('keep the counts of 2,000 servers, and then those alone that a request is under way to', () => {
    const { active, counts } = (() => {
      const callbacks: ObservableCallback[] = [];
      const instrument = { addCallback: (callback: ObservableCallback) => callbacks.push(callback) };
      const active = new ActiveRequests(instrument as unknown as ObservableUpDownCounter);
      const counts = () => {
        const seen: [unknown, number][] = [];
        const observe = (value: number, attributes?: Attributes) => seen.push([attributes?.['server.address'], value]);
        for (const callback of callbacks) void callback({ observe });
        return seen;
      };
      return { active, counts };
    })();
    const begin = (host: string) => active.begin(messageTarget('GET', `http://${host}/`, new Set(['GET']), undefined));
    begin('busy');
    for (let n = 1; n < 2_000; n += 1) begin(`idle-${n}`).value -= 1;
    expect(counts().length).toBe(2_000);
    begin('busy');
    begin('new');

    expect(counts()).toEqual([
      ['busy', 2],
      ['new', 1],
    ]);
  });

  it('are made without spans, and spans without metrics', async () => {
    await recorder.unregister();
    const measured = new TelemetryRecorder();
    await only(clientOf({}, { meterProvider: measured.meterProvider }).getJSON(server.url('measured', { json: 1 })));
    expect(measured.spans).toEqual([]);
    expect(Object.keys(await measured.points()).sort()).toEqual([
      'http.client.active_requests',
      'http.client.request.duration',
    ]);

    recorder = new TelemetryRecorder().register(new StackContextManager());
    await only(clientOf({}, { metrics: false }).getJSON(server.url('traced', { json: 1 })));
    expect(recorder.spans.length).toBe(2);
    expect(await recorder.points()).toEqual({});
  });
});
