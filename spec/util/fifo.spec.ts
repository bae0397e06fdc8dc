import { Fifo } from '../../src/util/fifo.js';

describe('A Fifo', () => {
  it('gives what it took, in order, whatever is taken between', () => {
    const queue = new Fifo<number>();
    const taken: (number | undefined)[] = [];
    for (let next = 0; next < 10_000; next += 1) {
      queue.push(next);
      if (next % 3 === 0) taken.push(queue.shift());
    }
    while (queue.size > 0) taken.push(queue.shift());

    expect(taken).toEqual(Array.from({ length: 10_000 }, (_, index) => index));
    expect(queue.shift()).toBeUndefined();
  });

  it('keeps undefined as an item like any other', () => {
    const queue = new Fifo<number | undefined>();
    queue.push(undefined);
    queue.push(1);

    expect([queue.size, queue.shift(), queue.shift(), queue.size]).toEqual([2, undefined, 1, 0]);
  });

  it('moves each item a bounded number of times: four times as many items take four times the moves', () => {
    // To shift an array moves all that is left, and so does a slice.
    const { slice, shift } = Array.prototype;
    const movesFor = (count: number): number => {
      let moves = 0;
      const queue = new Fifo<number>();
      for (let item = 0; item < count; item += 1) queue.push(item);
      Array.prototype.slice = function (this: unknown[], start = 0, end = this.length) {
        moves += end - start;
        return slice.call(this, start, end) as unknown[];
      };
      Array.prototype.shift = function (this: unknown[]) {
        moves += this.length;
        return shift.call(this) as unknown;
      };
      try {
        while (queue.size > 0) queue.shift();
      } finally {
        Object.assign(Array.prototype, { slice, shift });
      }
      return moves;
    };

    expect(movesFor(40_000)).toBeLessThan(5 * movesFor(10_000));
    expect(movesFor(40_000)).toBeLessThan(2 * 40_000);
  });
});
