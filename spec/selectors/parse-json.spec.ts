import * as fc from 'fast-check';
import { from } from 'rxjs';

import {
  constant,
  type HttpAttempt,
  HttpNetworkError,
  HttpParseError,
  json,
  ndjson,
  RetryClient,
} from '../../src/index.js';
import { isTruncatedJson } from '../../src/selectors/parse-json.js';
import { referenceJson } from '../model/reference-json.js';
import { base64, utf8 } from '../support/bodies.js';
import { network } from '../support/scripted-network.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('isTruncatedJson()', () => {
  for (const text of [
    '',
    ' \n',
    '{',
    '[',
    '[[[{',
    '"',
    '"a\\',
    '"\\u',
    '"\\u00e',
    '"\\\\',
    '{"a',
    '{"a"',
    '{"a" ',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    '{"a":1, ',
    '{"a":"',
    '{"a":"\\"',
    '[1,',
    '[1, [2], {}',
    '-',
    '[-',
    '[1.',
    '[1e',
    '[1.5e+',
    '[0',
    't',
    '[tru',
    '{"a":nul',
    'fals',
    '["}]{["',
    '{"\\u12',
    '{"a\\',
  ]) {
    it(`is true for ${JSON.stringify(text)}`, () => {
      expect(isTruncatedJson(text)).toBeTrue();
    });
  }

  for (const text of [
    'nope',
    '<!DOCTYPE html><h1>',
    '{"a":1}}',
    '[1,]',
    '{,',
    '{a',
    "{'a",
    '[1 2',
    '[1}',
    '{"a",',
    '{"token": xSECRETx',
    '"\\x',
    '"\\u00g',
    '"a\nb',
    '01',
    '[01',
    '[.5',
    '+1',
    'NaN',
    '[tru e',
    'True',
    '[1,,',
    '{"a":,',
    '{"a"::',
    '{"a":1 "b"',
    '\\"a',
    '[\\',
    '-a',
    '[1.e',
    'undefined',
  ]) {
    it(`is false for ${JSON.stringify(text)}`, () => {
      expect(isTruncatedJson(text)).toBeFalse();
    });
  }

  it('is true for every beginning of JSON that is not JSON itself, with any spaces and escapes', () => {
    const strange = fc
      .array(fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '\n', 'ö', '\u2028', 'u12', 'true'))
      .map((parts) => parts.join(''));
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue(),
        strange,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(strange, tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    const escaped = (text: string) =>
      text.replace(/[^\0-\x7f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), fc.boolean(), (data, space, escapes) => {
        const text = JSON.stringify(data, undefined, space);
        const whole = escapes ? escaped(text) : text;
        for (let end = 0; end < whole.length; end += 1) {
          const beginning = whole.slice(0, end);
          if (!isJson(beginning)) expect(isTruncatedJson(beginning)).withContext(beginning).toBeTrue();
        }
      }),
    );
  });

  it('agrees with the grammar of JSON for any text', () => {
    const part = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '"',
      ':',
      ',',
      '1',
      '0',
      'e',
      'true',
      'nul',
      ' ',
      '\n',
      '\\',
      'u00',
      'a',
      '-',
      '.',
      '"a":',
      '{"b":',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
        const text = parts.join('');
        const expected = referenceJson(text);

        expect(isJson(text))
          .withContext(text)
          .toBe(expected === 'whole');
        if (expected !== 'whole') {
          expect(isTruncatedJson(text))
            .withContext(text)
            .toBe(expected === 'cut');
        }
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes deep and large texts', () => {
    expect(isTruncatedJson('['.repeat(5_000))).toBeTrue();
    expect(isTruncatedJson(`["${'\\"'.repeat(500_000)}`)).toBeTrue();
  });
});

describe('JSON that ends too early', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });
  const encoded = (body: string) => ({ chunks: [base64(utf8(body))], encoding: 'base64' as const });

  for (const body of ['{"a":"long en', '[1,2', '']) {
    it(`counts as cut off without an announced length, and is retried: '${body}'`, async () => {
      const key = `early ${body}`;

      expect(await only(client.get(api.url(key, [encoded(body), { json: { a: 1 } }]), { selector: json() }))).toEqual({
        a: 1,
      });
      expect((await api.requests(key)).length).toBe(2);
    });

    it(`is an HttpNetworkError of phase body after the last attempt, which quotes nothing: '${body}'`, async () => {
      const error = await failureOf(client.get(api.url(`spent ${body}`, encoded(body)), { selector: json() }));

      expect(error).toBeInstanceOf(HttpNetworkError);
      expect(error).toEqual(jasmine.objectContaining({ phase: 'body' }));
      expect((error as Error).message).toContain(
        ': the body ended before its JSON did, in phase body (attempt 3 of 3)',
      );
      expect((error as Error).cause).toBeUndefined();
    });

    it(`is malformed if Content-Length proves that it is complete: '${body}'`, async () => {
      const error = await failureOf(
        client.get(api.url(`whole ${body}`, { body: base64(utf8(body)), encoding: 'base64' }), { selector: json() }),
      );

      expect(error).toBeInstanceOf(HttpParseError);
      expect((await api.requests(`whole ${body}`)).length).toBe(1);
    });
  }

  it('counts as cut off if the body is compressed, or if Content-Length announced another length', async () => {
    for (const headers of [
      { 'content-encoding': 'x', 'content-length': '2' },
      { 'content-length': '3' },
      { 'content-length': 'x' },
    ]) {
      const { interceptor, requests } = network(
        () => new Response('[1', { headers }),
        () => new Response('[1]'),
      );

      expect(
        await only(client.extend({ interceptors: [interceptor] }).get('http://a.test/', { selector: json() })),
      ).toEqual([1]);
      expect(requests.length).toBe(2);
    }
  });

  it('is malformed if a proxy has sent the matching Content-Length twice', async () => {
    const { interceptor } = network(() => new Response('[1', { headers: { 'content-length': '2, 2' } }));

    expect(
      await failureOf(client.extend({ interceptors: [interceptor] }).get('http://a.test/', { selector: json() })),
    ).toBeInstanceOf(HttpParseError);
  });

  it('is not retried for a POST', async () => {
    const error = await failureOf(client.post(api.url('post', encoded('[1')), {}, { selector: json() }));

    expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError' }));
    expect((await api.requests('post')).length).toBe(1);
  });

  it('is not retried for an empty body of HEAD, or of another status than 200', async () => {
    for (const status of [201, 202]) {
      expect(
        await failureOf(client.get(api.url(`empty ${status}`, { status, chunks: [] }), { selector: json() })),
      ).toBeInstanceOf(HttpParseError);
      expect((await api.requests(`empty ${status}`)).length).toBe(1);
    }
    expect(await failureOf(client.head(api.url('head', { json: 1 }), { selector: json() }))).toBeInstanceOf(
      HttpParseError,
    );
  });

  it('is not assumed for text that is malformed before its end', async () => {
    for (const body of ['<!DOCTYPE html>', '{"token": xSECRETx', '{"a":1}}']) {
      const error = await failureOf(
        client.get(api.url(`malformed ${body.length}`, encoded(body)), { selector: json() }),
      );

      expect(error).toBeInstanceOf(HttpParseError);
      expect(String(error) + JSON.stringify(error)).not.toContain('SECRET');
      expect((error as HttpParseError).message).toContain(
        ': the body is not JSON (status 200, no content type) (attempt 1 of 3)',
      );
    }
  });

  describe('in the last line of NDJSON,', () => {
    it('counts as cut off, and is retried if nothing was emitted', async () => {
      expect(
        await settled(
          client.get(api.url('first line', [encoded('{"a":'), { body: '1\n2\n' }]), { selector: ndjson() }),
        ),
      ).toEqual({ values: [1, 2] });
    });

    it('counts as cut off, and fails with reason partial after a value', async () => {
      const { values, error } = await settled(
        client.get(api.url('last line', encoded('1\n{"a":')), { selector: ndjson() }),
      );

      expect(values).toEqual([1]);
      expect(error).toEqual(jasmine.objectContaining({ name: 'HttpNetworkError', phase: 'body' }));
      expect((error as Error).message).toContain(': line 2 of the body ended before its JSON did');
      expect((await api.requests('last line')).length).toBe(1);
    });

    it('is malformed if the line has an end, or if Content-Length proves that it is complete', async () => {
      for (const [key, step] of Object.entries({ ended: encoded('1\n{"a":\n'), announced: { body: '1\n{"a":' } })) {
        const { error } = await settled(client.get(api.url(`line ${key}`, step), { selector: ndjson() }));

        expect(error)
          .withContext(key)
          .toEqual(jasmine.objectContaining({ name: 'HttpParseError', line: 2 }));
      }
    });
  });
});

describe('json(), of a response that the client did not create,', () => {
  const attempt: HttpAttempt = {
    number: 1,
    of: 1,
    requestId: 'r',
    startedAt: 0,
    method: 'GET',
    url: 'http://a.test/',
    context: {},
  };

  const read = (response: Response) => only(from(json()(response, attempt)));

  it('distinguishes a body that was cut off from a malformed one', async () => {
    await expectAsync(read(new Response('[1'))).toBeRejectedWithError(HttpNetworkError);
    await expectAsync(read(new Response('[1}'))).toBeRejectedWithError(HttpParseError);
    await expectAsync(read(new Response(null))).toBeRejectedWithError(HttpNetworkError);
  });

  it('reads a test double by its own json()', async () => {
    const made = (read: () => unknown) =>
      ({ status: 200, headers: new Headers(), json: () => Promise.resolve().then(read) }) as Response;

    expect(await read(made(() => ({ a: 1 })))).toEqual({ a: 1 });
    await expectAsync(read(made(() => JSON.parse('nope')))).toBeRejectedWithError(HttpParseError);
  });
});
