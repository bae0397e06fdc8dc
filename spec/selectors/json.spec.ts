import * as v from 'valibot';
import { z } from 'zod';

import {
  constant,
  HttpParseError,
  HttpValidationError,
  json,
  RetryClient,
  type StandardSchema,
} from '../../src/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { failureOf, only } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';

describe('json()', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  for (const value of [{ a: [1, { b: 'ö' }] }, [], 'text', 5, true, null]) {
    it(`reads ${JSON.stringify(value)} as one value`, async () => {
      expect(await only(client.get(api.url(JSON.stringify(value), { json: value }), { selector: json() }))).toEqual(
        value,
      );
    });
  }

  it('reads JSON with any content type', async () => {
    const url = api.url('type', { body: '{"a":1}', headers: { 'Content-Type': 'text/plain' } });

    expect(await only(client.get(url, { selector: json<{ a: number }>() }))).toEqual({ a: 1 });
  });

  it('joins chunks that are cut at any byte, even within a character', async () => {
    const chunks = ['eyJhIjoiw', '7Yi', 'fQ=='];
    const bytes = Array.from(atob(chunks.join('')), (char) => btoa(char));
    const url = api.url('pieces', { chunks: bytes, encoding: 'base64', chunkDelay: 1 });

    expect(await only(client.get(url, { selector: json() }))).toEqual({ a: 'ö' });
  });

  it('retries a body that breaks off', async () => {
    const url = api.url('broken', [{ cut: 'in-body', json: { a: 'long enough' } }, { json: { a: 1 } }]);

    expect(await only(client.get(url, { selector: json() }))).toEqual({ a: 1 });
    expect((await api.requests('broken')).length).toBe(2);
  });

  for (const body of ['', '{"a":', 'nope', '{"a":1}}']) {
    it(`does not retry JSON that is complete but malformed: '${body}'`, async () => {
      const key = `malformed ${body}`;

      expect(await failureOf(client.get(api.url(key, { body }), { selector: json() }))).toBeInstanceOf(HttpParseError);
      expect((await api.requests(key)).length).toBe(1);
    });
  }

  it('can be used for several requests', async () => {
    const selector = json<number>();
    const url = api.url('many', [{ json: 1 }, { json: 2 }]);

    expect(await only(client.get(url, { selector }))).toBe(1);
    expect(await only(client.get(url, { selector }))).toBe(2);
  });

  for (const status of [204, 205]) {
    it(`reads a response of status ${status}, which has no content, as undefined`, async () => {
      expect(await only(client.get(api.url(`none ${status}`, { status }), { selector: json() }))).toBeUndefined();
    });
  }
});

describe('json(schema)', () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await testServer();
  });

  afterAll(() => api.close());

  const client = new RetryClient({ strategy: { backoff: constant(0) } });

  const schemas = {
    zod: z.object({
      name: z.string(),
      at: z.string().transform((text) => new Date(text)),
      tags: z.array(z.string()).default([]),
    }),
    valibot: v.object({
      name: v.string(),
      at: v.pipe(
        v.string(),
        v.transform((text) => new Date(text)),
      ),
      tags: v.optional(v.array(v.string()), []),
    }),
  };

  for (const [vendor, schema] of Object.entries(schemas)) {
    it(`emits the value that the schema returns: ${vendor}`, async () => {
      const url = api.url(`good ${vendor}`, { json: { name: 'Ada', at: '2026-01-02T03:04:05Z', more: 1 } });

      expect(await only(client.get(url, { selector: json(schema) }))).toEqual({
        name: 'Ada',
        at: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
        tags: [],
      });
    });

    it(`fails with the schema's issues, and does not retry: ${vendor}`, async () => {
      const key = `bad ${vendor}`;
      const error = await failureOf(
        client.get(api.url(key, { json: { name: 5, at: '2026-01-02', tags: ['a', 's3cret-7'.length] } }), {
          selector: json(schema),
        }),
      );

      expect(error).toBeInstanceOf(HttpValidationError);
      const { issues, message, attempt, request } = error as HttpValidationError;
      expect(issues.length).toBe(2);
      expect(message).toMatch(
        /^GET http.*: the data is not what the schema expects, at name, tags\[1\] \(attempt 1 of 3\)$/,
      );
      expect(attempt.number).toBe(1);
      expect(request.method).toBe('GET');
      expect((await api.requests(key)).length).toBe(1);
    });

    it(`shows nothing of the data in the error: ${vendor}`, async () => {
      // The URL contains the script of the response, so the secret must be encoded there.
      const body = btoa(JSON.stringify({ name: ['s3cret'], at: { s3cret: 's3cret' } }));
      const error = await failureOf(
        client.get(api.url(`secret ${vendor}`, { body, encoding: 'base64' }), { selector: json(schema) }),
      );

      expect(String(error) + JSON.stringify(error)).not.toContain('s3cret');
    });
  }

  it('lets the schema accept or reject a response without content', async () => {
    expect(
      await only(client.get(api.url('may', { status: 204 }), { selector: json(z.string().optional()) })),
    ).toBeUndefined();
    expect(
      await failureOf(client.get(api.url('must', { status: 204 }), { selector: json(z.string()) })),
    ).toBeInstanceOf(HttpValidationError);
  });

  it('waits for an asynchronous schema', async () => {
    const slow = z.number().refine(async (n) => {
      await Promise.resolve();
      return n > 3;
    });

    expect(await only(client.get(api.url('slow good', { json: 4 }), { selector: json(slow) }))).toBe(4);
    expect(await failureOf(client.get(api.url('slow bad', { json: 3 }), { selector: json(slow) }))).toBeInstanceOf(
      HttpValidationError,
    );
  });

  it('retries a body that breaks off, without calling the schema', async () => {
    let seen = 0;
    const counting: StandardSchema<number> = {
      '~standard': {
        version: 1,
        vendor: 'spec',
        validate: (value) => ({ value: value === 'whole' ? (seen += 1) : NaN }),
      },
    };
    const url = api.url('broken before', [{ cut: 'in-body', json: 'broken, and long enough' }, { json: 'whole' }]);

    expect(await only(client.get(url, { selector: json(counting) }))).toBe(1);
    expect(seen).toBe(1);
  });

  it('passes on an error that a schema throws, and does not retry', async () => {
    const bug = new Error('a bug');
    const broken: StandardSchema<number> = {
      '~standard': {
        version: 1,
        vendor: 'spec',
        validate: () => {
          throw bug;
        },
      },
    };

    expect(await failureOf(client.get(api.url('bug', { json: 1 }), { selector: json(broken) }))).toBe(bug);
    expect((await api.requests('bug')).length).toBe(1);
  });

  it('takes schemas that are functions, as of some validators', async () => {
    const callable: StandardSchema<string> = Object.assign(() => undefined, {
      '~standard': { version: 1, vendor: 'spec', validate: (value: unknown) => ({ value: String(value) }) } as const,
    });

    expect(await only(client.get(api.url('callable', { json: 5 }), { selector: json(callable) }))).toBe('5');
  });

  it('throws at once for a value that is not a schema', () => {
    for (const none of [null, {}, 'x', 5, { '~standard': {} }, () => undefined]) {
      expectRefusal(() => json(none as unknown as StandardSchema<unknown>), [TypeError], 'schema', 'Standard Schema');
    }
  });
});
