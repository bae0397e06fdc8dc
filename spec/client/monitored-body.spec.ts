import { bytes, chunks, constant, json, lines, RetryClient, type SelectorFunction, text } from '../../src/index.js';
import { failureOf, only } from '../support/settled.js';

const url = 'http://a.test/';

/** A client whose transport answers with a body of these chunks. */
function answering(...chunks: readonly (string | Uint8Array)[]): RetryClient {
  const encoder = new TextEncoder();
  const body = () =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
        controller.close();
      },
    });
  return new RetryClient({
    fetch: () => Promise.resolve(new Response(body(), { headers: { 'content-type': 'text/x-own' } })),
    strategy: { backoff: constant(0) },
  });
}

describe('A body that a selector reads', () => {
  const read = <T>(client: RetryClient, selector: SelectorFunction<T>): Promise<T> =>
    only(client.get(url, { selector }));
  const [half, otherHalf] = [new TextEncoder().encode('€').slice(0, 1), new TextEncoder().encode('€').slice(1)];

  it('is joined from its chunks, also when one ends within a character', async () => {
    const client = answering('[1,"', half, otherHalf, '', '",', '2]');

    expect(await read(client, (response) => response.text())).toBe('[1,"€",2]');
    expect(await read(client, (response) => response.json())).toEqual([1, '€', 2]);
    expect(await read(client, (response) => response.arrayBuffer())).toEqual(
      new TextEncoder().encode('[1,"€",2]').buffer,
    );
    expect(await read(client, async (response) => (await response.blob()).text())).toBe('[1,"€",2]');
  });

  it('can have no chunk at all', async () => {
    expect(await read(answering(), (response) => response.text())).toBe('');
    expect((await read(answering(), (response) => response.arrayBuffer())).byteLength).toBe(0);
    expect(await failureOf(answering().get(url, { selector: (response) => response.json() }))).toBeInstanceOf(
      SyntaxError,
    );
  });

  it('is copied, so that writing to it does not change the transport’s chunks', async () => {
    const kept = new TextEncoder().encode('kept');
    const client = answering(kept);
    for (const selector of [bytes(), (response: Response) => response.arrayBuffer()]) {
      new Uint8Array((await read<Uint8Array | ArrayBuffer>(client, selector)) as ArrayBuffer).fill(0);
      const copy = await read(client, bytes());
      copy.fill(0);
    }

    expect(new TextDecoder().decode(kept)).toBe('kept');
  });

  it('fails with a TypeError that is not retried when its chunks are not bytes', async () => {
    for (const chunk of [
      'text',
      new Uint8Array([1, 2]).buffer,
      new Uint16Array([300]),
      new DataView(new ArrayBuffer(2)),
    ]) {
      for (const selector of [
        text(),
        bytes(),
        json(),
        text({ maxBytes: 100 }),
        bytes({ maxBytes: 100 }),
        json(undefined, { maxBytes: 100 }),
        lines(),
        chunks(),
      ]) {
        let calls = 0;
        const fetch = (): Promise<Response> => {
          calls += 1;
          const body = new ReadableStream({
            start(controller) {
              controller.enqueue(chunk);
              controller.enqueue(chunk);
              controller.close();
            },
          });
          return Promise.resolve(new Response(body));
        };
        const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });

        expect(await failureOf(client.get<unknown>(url, { selector }))).toBeInstanceOf(TypeError);
        expect(calls).toBe(1);
      }
    }
  });

  it('is read by the response’s own methods when it has no stream, as stubs in tests have none', async () => {
    const fake = {
      status: 200,
      headers: new Headers(),
      json: () => Promise.resolve({ a: 1 }),
      text: () => Promise.resolve('text'),
      clone: () => fake,
    };
    const client = new RetryClient({ fetch: () => Promise.resolve(fake as unknown as Response) });

    expect(await only(client.getJSON(url))).toEqual({ a: 1 });
    expect(await read(client, text())).toBe('text');
  });

  it('can be null, and is never used up then', async () => {
    const client = new RetryClient({ fetch: () => Promise.resolve(new Response(null)) });
    const read = await only(
      client.get(url, {
        selector: async (response) => [await response.text(), response.bodyUsed, await response.text(), response.body],
      }),
    );

    expect(read).toEqual(['', false, '', null]);
  });

  it('is an ArrayBuffer of its own, though a chunk is part of a larger buffer', async () => {
    const large = new TextEncoder().encode('not this, this, nor this').subarray(10, 14);
    const buffer = await read(answering(large), (response) => response.arrayBuffer());

    expect(new TextDecoder().decode(buffer)).toBe('this');
  });

  it('can be read once: reading it again is a TypeError that is not retried', async () => {
    const ways: Record<string, (response: Response) => unknown> = {
      json: (response) => response.json(),
      text: (response) => response.text(),
      arrayBuffer: (response) => response.arrayBuffer(),
      blob: (response) => response.blob(),
      formData: (response) => response.formData(),
      clone: (response) => response.clone(),
    };
    for (const [name, again] of Object.entries(ways)) {
      let calls = 0;
      const selector: SelectorFunction<unknown> = async (response) => {
        calls += 1;
        const used = [response.bodyUsed, await response.text(), response.bodyUsed];
        expect(used).toEqual([false, 'once', true]);
        return again(response);
      };
      expect(await failureOf(answering('once').get(url, { selector })))
        .withContext(name)
        .toBeInstanceOf(TypeError);
      expect(calls).withContext(name).toBe(1);
    }
  });

  it('cannot be read by the selector when shouldRetry has read it without a clone', async () => {
    for (const take of [(response: Response) => response.text(), (response: Response) => response.body?.getReader()]) {
      const shouldRetry = async ({ kind, response }: { readonly kind: string; readonly response?: Response }) => {
        if (kind === 'response' && response) await take(response);
        return undefined;
      };
      let calls = 0;
      const selector = (response: Response): Promise<string> => {
        calls += 1;
        return response.text();
      };
      const error = await failureOf(
        answering('gone').get(url, { selector, strategy: { shouldRetry, backoff: constant(0) } }),
      );

      expect(error).toBeInstanceOf(TypeError);
      expect(calls).toBe(1);
    }
  });

  it('can be read twice by a clone, and as a stream', async () => {
    const both = await read(answering('[', '1]'), async (response): Promise<unknown[]> => {
      const clone = response.clone();
      const before = response.bodyUsed;
      const json: unknown = await response.json();
      return [before, json, await clone.text(), response.bodyUsed, clone.headers.get('content-type')];
    });
    expect(both).toEqual([false, [1], '[1]', true, 'text/x-own']);

    const streamed = await read(answering('a', 'b'), async (response) => {
      const reader = response.body!.getReader();
      const chunks: unknown[] = [];
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        chunks.push(new TextDecoder().decode(next.value));
      }
      return [...chunks, response.bodyUsed];
    });
    expect(streamed).toEqual(['a', 'b', true]);
  });

  it('is retried when it breaks off, without what was read before', async () => {
    let calls = 0;
    const fetch = () => {
      calls += 1;
      const last = calls === 2;
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(last ? 'whole' : 'half'));
        },
        pull(controller) {
          if (last) controller.close();
          else controller.error(new Error('cut'));
        },
      });
      return Promise.resolve(new Response(body));
    };
    const client = new RetryClient({ fetch, strategy: { backoff: constant(0) } });

    expect(await read(client, (response) => response.text())).toBe('whole');
    expect(calls).toBe(2);
  });
});
