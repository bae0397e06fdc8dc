import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import { releaseBody } from '../../src/http/stream-body.js';
import { withProgress } from '../../src/index.js';

const here = fileURLToPath(import.meta.url);
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('releaseBody() of an unread body', () => {
  it('cancels a web stream', async () => {
    let cancelled = 0;
    releaseBody(new ReadableStream({ cancel: () => void (cancelled += 1) }, { highWaterMark: 0 }));
    await soon();
    expect(cancelled).toBe(1);
  });

  it('closes a file stream, also when there is no such file', async () => {
    for (const path of [here, `${here}.none`]) {
      const file = createReadStream(path);
      const closed = new Promise<void>((resolve) => file.on('close', resolve));
      releaseBody(file);
      await closed;
      expect(file.destroyed).toBeTrue();
    }
  });

  it('runs the finally of a generator that has started, and ends one that has not', async () => {
    let ended = 0;
    const made = async function* () {
      try {
        yield await Promise.resolve(new Uint8Array(1));
        yield new Uint8Array(2);
      } finally {
        ended += 1;
      }
    };
    const begun = made();
    await begun.next();
    releaseBody(begun);
    const fresh = made();
    releaseBody(fresh);
    await soon();
    expect(ended).toBe(1);
    expect((await fresh.next()).done).toBeTrue();
  });

  it('ignores a value that is not a stream, and errors of the release', async () => {
    for (const body of [undefined, null, 'text', new Uint8Array(1), new Blob(['x']), { a: 1 }]) releaseBody(body);
    const locked = new ReadableStream();
    locked.getReader();
    releaseBody(locked);
    releaseBody(
      new ReadableStream({
        cancel() {
          throw new Error('of the source');
        },
      }),
    );
    releaseBody(
      Object.assign(
        (async function* () {
          yield await Promise.resolve(new Uint8Array(1));
        })(),
        {
          return() {
            throw new Error('of the generator');
          },
        },
      ),
    );
    await soon();
    expect(locked.locked).toBeTrue();
  });

  for (const [when, reads] of [
    ['before it was begun', 0],
    ['while it waits for its source', 1],
  ] as const) {
    it(`releases the source of withProgress() ${when}`, async () => {
      let cancelled = 0;
      const source = new ReadableStream<Uint8Array>({ cancel: () => void (cancelled += 1) }, { highWaterMark: 0 });
      const file = createReadStream(here);
      const silent = new Readable({ read: () => undefined });
      const bodies = [source, file, silent].map((body) =>
        withProgress(body as ReadableStream<Uint8Array>, () => undefined),
      ) as AsyncIterableIterator<Uint8Array>[];
      for (const body of bodies) {
        if (reads > 0) body.next().catch(() => undefined);
        releaseBody(body);
      }
      await soon();
      expect([cancelled, file.destroyed, silent.destroyed]).toEqual([1, true, true]);
    });
  }
});
