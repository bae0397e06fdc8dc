import { Writable } from 'node:stream';

import { WriteError } from '../../../src/cli/failures/write-error.js';
import { writeBody, type WriteBodyOptions } from '../../../src/cli/output/write-body.js';

/** Creates a response whose chunks are pulled one at a time, with the number of pulls. */
function counted(...chunks: readonly string[]): { response: Response; pulled: () => number } {
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[pulled];
        pulled += 1;
        if (chunk === undefined) controller.close();
        else controller.enqueue(new TextEncoder().encode(chunk));
      },
    },
    { highWaterMark: 0 },
  );
  return {
    response: new Response(body, { status: 203, statusText: 'Odd', headers: { a: 'b' } }),
    pulled: () => pulled,
  };
}

class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.text += chunk.toString();
    done();
  }
}

async function collect(
  response: Response,
  options: Partial<WriteBodyOptions> = {},
): Promise<{ written: string; progress: unknown[] }> {
  const output = new Collector();
  const progress: unknown[] = [];
  for await (const { status, bytes } of writeBody(response, { output, include: false, ...options })) {
    progress.push({ status, bytes, after: output.text });
  }
  return { written: output.text, progress };
}

describe('writeBody', () => {
  it('emits progress before the first byte is written, and at the end', async () => {
    expect(await collect(counted('one', '', 'two').response)).toEqual({
      written: 'onetwo',
      progress: [
        { status: 203, bytes: 3, after: '' },
        { status: 203, bytes: 6, after: 'onetwo' },
      ],
    });
  });

  it('emits progress once for an empty body', async () => {
    expect(await collect(new Response(null, { status: 204 }))).toEqual({
      written: '',
      progress: [{ status: 204, bytes: 0, after: '' }],
    });
  });

  it('writes the status line and the headers before the body, even if it is empty', async () => {
    const { written } = await collect(counted('one', 'two').response, { include: true });
    const empty = await collect(new Response(null, { status: 204, statusText: 'None' }), { include: true });

    expect(written).toBe('HTTP/1.1 203 Odd\r\na: b\r\n\r\nonetwo');
    expect(empty.written).toBe('HTTP/1.1 204 None\r\n\r\n');
  });

  it('reads no faster than the output accepts the data', async () => {
    const { response, pulled } = counted('one', 'two', 'three');
    const pendingWrites: (() => void)[] = [];
    const output = new Writable({
      write: (_chunk, _encoding, done) => {
        pendingWrites.push(done);
      },
    });
    const writing = writeBody(response, { output, include: false });
    await writing.next();
    const rest = writing.next();
    await new Promise(setImmediate);

    expect([pulled(), pendingWrites.length]).toEqual([1, 1]);
    pendingWrites.shift()?.();
    await new Promise(setImmediate);
    expect([pulled(), pendingWrites.length]).toEqual([2, 1]);
    while (pulled() < 4 || pendingWrites.length > 0) {
      pendingWrites.shift()?.();
      await new Promise(setImmediate);
    }
    expect((await rest).value).toEqual(jasmine.objectContaining({ bytes: 11 }));
  });

  it('throws a WriteError if the output fails', async () => {
    const output = new Writable({
      write: (_chunk, _encoding, done) => {
        done(new Error('full'));
      },
    }).on('error', () => undefined);

    await expectAsync(collect(counted('one').response, { output })).toBeRejectedWithError(
      WriteError,
      'the output could not be written: full',
    );
  });

  it('throws after the inactivity timeout without data', async () => {
    const silent = new Response(new ReadableStream({ pull: () => new Promise<never>(() => undefined) }));

    await expectAsync(collect(silent, { inactivityTimeout: 5 })).toBeRejectedWithError('took longer than 5 ms');
  });

  it('throws at the deadline, whether the body continues or the output is stuck', async () => {
    const dripping = new Response(
      new ReadableStream({
        pull: async (controller) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          controller.enqueue(new Uint8Array(1));
        },
      }),
    );
    const stuck = new Writable({ write: () => undefined });

    for (const [response, output] of [
      [dripping, new Collector()],
      [counted('one').response, stuck],
    ] as const) {
      const collecting = collect(response, { output, inactivityTimeout: 1000, deadline: performance.now() + 30 });
      await expectAsync(collecting).toBeRejectedWithError(/^took longer than \d+ ms$/);
    }
  });

  it('supports limits longer than setTimeout does', async () => {
    const limits = { silence: 2 ** 32, deadline: performance.now() + 2 ** 32 };

    const late = new ReadableStream({
      pull: async (controller) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        controller.enqueue(new TextEncoder().encode('late'));
        controller.close();
      },
    });

    expect((await collect(new Response(late), limits)).written).toBe('late');
  });
});
