import { OutgoingStream } from '../../src/transports/outgoing-stream.js';

describe('OutgoingStream', () => {
  it('rejects a pending read when it is cancelled, so that the sent part does not look like a whole body', async () => {
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

  it('ends its source at most once, and not after the source has ended', async () => {
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

    const cancelled = new OutgoingStream(source, undefined, undefined);
    cancelled.cancel();
    await cancelled.return();
    await Promise.resolve();
    expect(calls).toEqual(['return']);
  });
});
