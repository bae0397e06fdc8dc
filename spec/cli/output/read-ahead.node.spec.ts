import { readAhead } from '../../../src/cli/output/read-ahead.js';

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

const bytes = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(size);
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Creates a source stream with its controller, the number of its pulls and the reason of its cancellation. */
function source(): {
  stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  controller: () => Controller;
  pulls: () => number;
  cancelled: () => unknown;
} {
  let controller: Controller | undefined;
  let pulls = 0;
  let cancelled: unknown;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (given) => {
        controller = given;
      },
      pull: () => {
        pulls += 1;
      },
      cancel: (reason) => {
        cancelled = reason;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, controller: () => controller!, pulls: () => pulls, cancelled: () => cancelled };
}

describe('A body that is read ahead', () => {
  it('is read before its consumer asks for it, up to a limit', async () => {
    const { stream, controller, pulls } = source();
    const reader = readAhead(stream).getReader();
    await nextTurn();
    expect(pulls()).toBe(1);
    controller().enqueue(bytes(60_000));
    await nextTurn();
    expect(pulls()).toBe(2);
    controller().enqueue(bytes(60_000));
    await nextTurn();
    expect(pulls()).toBe(2);
    await reader.read();
    await nextTurn();
    expect(pulls()).toBe(3);
  });

  it('passes on the data before an error, then the error', async () => {
    const { stream, controller } = source();
    const reader = readAhead(stream).getReader();
    controller().enqueue(bytes(5));
    await nextTurn();
    controller().error(new Error('cut'));
    await nextTurn();

    expect((await reader.read()).value).toEqual(bytes(5));
    await expectAsync(reader.read()).toBeRejectedWithError('cut');
  });

  it('ends when its source ends, even while a read is pending', async () => {
    const { stream, controller } = source();
    const reader = readAhead(stream).getReader();
    const first = reader.read();
    controller().enqueue(bytes(1));
    expect((await first).value).toEqual(bytes(1));
    const second = reader.read();
    controller().close();

    expect(await second).toEqual({ done: true, value: undefined });
  });

  it('is cancelled with its reader', async () => {
    const { stream, cancelled } = source();
    await readAhead(stream).cancel('enough');

    expect(cancelled()).toBe('enough');
  });
});
