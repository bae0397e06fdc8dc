import { OutgoingStream } from '../../src/transports/outgoing-stream.js';

describe('A body on its way out', () => {
  it('that is let go of while it is read fails: what has been sent is no whole body', async () => {
    let cancelled = false;
    const stream = new OutgoingStream(
      new ReadableStream({
        pull: () => new Promise(() => undefined),
        cancel() {
          cancelled = true;
        },
      }),
      undefined,
      undefined,
    );
    const next = stream.next();
    stream.cancel();

    await expectAsync(next).toBeRejectedWith(jasmine.objectContaining({ name: 'AbortError' }));
    expect(cancelled).toBeTrue();
  });

  it('that has ended is not cancelled, nor told twice to let go', async () => {
    const calls: string[] = [];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: true as const, value: undefined }),
        return: () => {
          calls.push('return');
          return Promise.reject(new Error('a bug'));
        },
      }),
    };
    const ended = new OutgoingStream(source, undefined, undefined);
    await ended.next();
    ended.cancel();
    await Promise.resolve();
    expect(calls).toEqual([]);

    const left = new OutgoingStream(source, undefined, undefined);
    left.cancel();
    await left.return();
    await Promise.resolve();
    expect(calls).toEqual(['return']);
  });
});
