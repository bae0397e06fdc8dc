import * as stable from '@opentelemetry/semantic-conventions';
import * as incubating from '@opentelemetry/semantic-conventions/incubating';

import * as names from '../../src/opentelemetry/attribute-names.js';
import { type Instruments, createInstruments } from '../../src/opentelemetry/instruments.js';
import { knownMethods } from '../../src/opentelemetry/known-methods.js';
import { redactUrl, serverAttributes } from '../../src/opentelemetry/message-attributes.js';
import { TelemetryRecorder } from '../support/telemetry.js';

describe('Names by the semantic conventions', () => {
  it('are the published ones', () => {
    for (const [name, published] of [
      [names.HTTP_REQUEST_METHOD, stable.ATTR_HTTP_REQUEST_METHOD],
      [names.HTTP_REQUEST_METHOD_ORIGINAL, stable.ATTR_HTTP_REQUEST_METHOD_ORIGINAL],
      [names.HTTP_REQUEST_RESEND_COUNT, stable.ATTR_HTTP_REQUEST_RESEND_COUNT],
      [names.HTTP_RESPONSE_STATUS_CODE, stable.ATTR_HTTP_RESPONSE_STATUS_CODE],
      [names.SERVER_ADDRESS, stable.ATTR_SERVER_ADDRESS],
      [names.SERVER_PORT, stable.ATTR_SERVER_PORT],
      [names.URL_FULL, stable.ATTR_URL_FULL],
      [names.URL_TEMPLATE, incubating.ATTR_URL_TEMPLATE],
      [names.ERROR_TYPE, stable.ATTR_ERROR_TYPE],
      [names.requestHeader('X-Tenant'), stable.ATTR_HTTP_REQUEST_HEADER('x-tenant')],
      [names.responseHeader('Server-Timing'), stable.ATTR_HTTP_RESPONSE_HEADER('server-timing')],
    ] as const) {
      expect(name).toBe(published);
    }
  });

  it('are those of metrics, too, and all others have the prefix of this package', () => {
    const { meterProvider } = new TelemetryRecorder();
    const instruments = createInstruments(meterProvider.getMeter('x')) as Instruments;
    const nameOf = (instrument: object) => (instrument as { _descriptor: { name: string } })._descriptor.name;
    expect(nameOf(instruments.duration)).toBe(stable.METRIC_HTTP_CLIENT_REQUEST_DURATION);
    expect(nameOf(instruments.activeRequests.instrument)).toBe(incubating.METRIC_HTTP_CLIENT_ACTIVE_REQUESTS);
    const { retries, retryDelay, holdTime, rejections } = instruments;
    for (const own of [retries, retryDelay, holdTime, rejections]) {
      expect(nameOf(own)).toMatch(/^rxjs_retry_client\./);
    }
    const published = new Set<unknown>([...Object.values(stable), ...Object.values(incubating)]);
    for (const name of Object.values(names)) {
      if (typeof name !== 'string') continue;
      expect(published.has(name) || name.startsWith('rxjs_retry_client.'))
        .withContext(name)
        .toBe(true);
    }
  });

  it('of methods can be replaced by an environment variable', () => {
    expect([...knownMethods()]).toContain('QUERY');
    process.env.OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS = 'GET, PURGE,';
    try {
      expect([...knownMethods()]).toEqual(['GET', 'PURGE']);
    } finally {
      delete process.env.OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS;
    }
    process.env.OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS = '';
    expect(knownMethods().size).toBe(10);
    delete process.env.OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS;
  });
});

describe('The attributes of a URL', () => {
  const redacted: readonly (readonly [url: string, shown: string])[] = [
    ['https://user:pass@a.test/p?x=1#f', 'https://REDACTED:REDACTED@a.test/p?x=1#f'],
    ['https://user@a.test/', 'https://REDACTED:REDACTED@a.test/'],
    ['https://a.test/p@th?foo=b@r#t@st', 'https://a.test/p@th?foo=b@r#t@st'],
    ['https://a.test?foo=b@r', 'https://a.test?foo=b@r'],
    ['https://u:p@ss@a.test/', 'https://REDACTED:REDACTED@a.test/'],
    [
      'https://a.test/?X-Amz-Signature=1&X-Amz-Credential=2&X-Amz-Security-Token=3&AWSAccessKeyId=4&Signature=5&sig=6&X-Goog-Signature=7&z=8',
      'https://a.test/?X-Amz-Signature=REDACTED&X-Amz-Credential=REDACTED&X-Amz-Security-Token=REDACTED&AWSAccessKeyId=REDACTED&Signature=REDACTED&sig=REDACTED&X-Goog-Signature=REDACTED&z=8',
    ],
    ['https://a.test/?SIG=shown&design=shown', 'https://a.test/?SIG=shown&design=shown'],
    ['data:text/plain,secret', 'data:text/plain,'],
  ];

  for (const [url, shown] of redacted) {
    it(`hide what is secret: ${url.slice(0, 40)}`, () => {
      expect(redactUrl(url)).toBe(shown);
    });
  }

  it('are the name and the port of the server, with the default of the scheme', () => {
    expect(serverAttributes('https://a.test/')).toEqual({ 'server.address': 'a.test', 'server.port': 443 });
    expect(serverAttributes('http://a.test/')).toEqual({ 'server.address': 'a.test', 'server.port': 80 });
    expect(serverAttributes('http://[::1]:8080/')).toEqual({ 'server.address': '::1', 'server.port': 8080 });
    expect(serverAttributes('data:,x')).toEqual({});
    expect(serverAttributes('not a URL')).toEqual({});
  });
});
