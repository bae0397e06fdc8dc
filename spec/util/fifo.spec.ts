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
    // `shift` and `reverse` move all remaining items of an array.
    const { reverse, shift } = Array.prototype;
    const movesFor = (count: number): number => {
      let moves = 0;
      const queue = new Fifo<number>();
      for (let item = 0; item < count; item += 1) queue.push(item);
      Array.prototype.reverse = function (this: unknown[]) {
        moves += this.length;
        return reverse.call(this) as unknown[];
      };
      Array.prototype.shift = function (this: unknown[]) {
        moves += this.length;
        return shift.call(this) as unknown;
      };
      try {
        while (queue.size > 0) queue.shift();
      } finally {
        Object.assign(Array.prototype, { reverse, shift });
      }
      return moves;
    };

    expect(movesFor(40_000)).toBeLessThan(5 * movesFor(10_000));
    expect(movesFor(40_000)).toBeLessThan(2 * 40_000);
  });
});
