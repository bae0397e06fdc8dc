import { z } from 'zod';

import {
  constant,
  HttpParseError,
  HttpValidationError,
  ndjson,
  RetryClient,
  type StandardSchema,
} from '../../src/index.js';
import { bytewise, halves, inPieces, utf8 } from '../support/bodies.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { network } from '../support/scripted-network.js';
import { settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('ndjson()', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  it('emits the value of each line, wherever the bytes are cut, and skips blank lines', async () => {
    const bytes = utf8('\uFEFF{"a":"ö"}\r\n\n  \t\n[1]\n"🎈"\r\nnull\n5');
    for (const pieces of [...halves(bytes), bytewise(bytes)]) {
      const scripted = new RetryClient({ interceptors: [network(() => inPieces(pieces)).interceptor] });

      expect(await settled(scripted.get('http://a.test/', { selector: ndjson() }))).toEqual({
        values: [{ a: 'ö' }, [1], '🎈', null, 5],
      });
    }
  });

  it('emits the lines before a malformed one, reports the number of that line, and does not retry', async () => {
    const { values, error } = await settled(
      client.get(api.url('bad', { body: '1\n\n2\n{"a"\n3' }), { selector: ndjson() }),
    );

    expect(values).toEqual([1, 2]);
    expect(error).toBeInstanceOf(HttpParseError);
    expect((error as HttpParseError).message).toContain(
      ': line 4 of the body is not JSON (status 200, content type text/plain; charset=utf-8) (attempt 1 of 3)',
    );
    expect((error as HttpParseError).line).toBe(4);
    expect((error as HttpParseError).cause).toBeUndefined();
    expect((await api.requests('bad')).length).toBe(1);
  });

  it('emits the value that the schema returns for each line', async () => {
    const row = z.object({ at: z.coerce.date() });
    const { values } = await settled(
      client.get(api.url('rows', { body: '{"at":0}\n{"at":1}' }), { selector: ndjson(row) }),
    );

    expect(values).toEqual([{ at: new Date(0) }, { at: new Date(1) }]);
  });

  it('reports the number of the line that the schema rejects, and does not retry', async () => {
    const { values, error } = await settled(
      client.get(api.url('refused', { body: '1\n\n"x"\n3' }), { selector: ndjson(z.number()) }),
    );

    expect(values).toEqual([1]);
    expect(error).toBeInstanceOf(HttpValidationError);
    expect((error as HttpValidationError).line).toBe(3);
    expect((error as HttpValidationError).message).toContain('the data of line 3 is not what the schema expects');
    expect((await api.requests('refused')).length).toBe(1);
  });

  it('fails for a line longer than maxLength', async () => {
    const { values, error } = await settled(
      client.get(api.url('long', { body: '1\n"a long one"' }), { selector: ndjson(undefined, { maxLength: 5 }) }),
    );

    expect(values).toEqual([1]);
    expect(error).toEqual(jasmine.objectContaining({ name: 'HttpParseError', limit: 5, line: 2 }));
  });

  it('throws at once for a bad schema or option', () => {
    expectRefusal(() => ndjson({} as StandardSchema<unknown>), [TypeError], 'schema');
    expectRefusal(() => ndjson(undefined, { maxLength: NaN }), [RangeError], 'maxLength', 'NaN');
  });
});
