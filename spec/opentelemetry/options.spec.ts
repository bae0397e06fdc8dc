import '@angular/compiler';
import { telemetryInterceptor } from '../../src/angular/opentelemetry.js';
import { telemetry } from '../../src/opentelemetry/index.js';

describe('The options of telemetry()', () => {
  const wrong: readonly (readonly [options: unknown, message: string])[] = [
    [7, 'options must be an object of options, not 7'],
    [
      { requestSpans: true },
      'unknown option "requestSpans"; known options: tracerProvider, meterProvider, requestSpan, metrics, propagate, suppressTransportSpans, urlTemplate, requestHeaders, responseHeaders',
    ],
    [{ tracerProvider: {} }, 'tracerProvider must be a TracerProvider, not an object'],
    [{ meterProvider: null }, 'meterProvider must be a MeterProvider, not null'],
    [{ requestSpan: 'no' }, "requestSpan must be true or false, not 'no'"],
    [{ metrics: 1 }, 'metrics must be true or false, not 1'],
    [{ propagate: 'all' }, "propagate must be true, false, or a function of the URL, not 'all'"],
    [{ suppressTransportSpans: 0 }, 'suppressTransportSpans must be true or false, not 0'],
    [{ urlTemplate: '/users/{id}' }, "urlTemplate must be a function, not '/users/{id}'"],
    [{ requestHeaders: 'x-tenant' }, "requestHeaders must be an array, each item the name of a header, not 'x-tenant'"],
    [{ responseHeaders: ['x tenant'] }, "responseHeaders[0] must be the name of a header, not 'x tenant'"],
  ];

  for (const [options, message] of wrong) {
    it(`are checked at once: ${message.slice(0, 60)}`, () => {
      const error = message.includes('x tenant') ? RangeError : TypeError;
      expect(() => telemetry(options as never)).toThrowError(error, message);
      expect(() => telemetryInterceptor(options as never)).toThrowError(error, message);
    });
  }
});
