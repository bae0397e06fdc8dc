import fc from 'fast-check';

import { LinkedQueue, type QueueLink } from '../../src/util/linked-queue.js';

describe('LinkedQueue', () => {
  it('behaves as an array from which items are removed anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(20), { nil: undefined }), { maxLength: 100 }), (commands) => {
        const queue = new LinkedQueue<number>();
        const links: QueueLink<number>[] = [];
        let model: number[] = [];
        for (const [index, command] of commands.entries()) {
          const link = command === undefined ? undefined : links[command];
          if (!link) {
            links.push(queue.push(index));
            model.push(index);
          } else {
            expect(queue.remove(link)).toBe(model.includes(link.item));
            model = model.filter((item) => item !== link.item);
          }

          expect([queue.size, queue.first?.item]).toEqual([model.length, model[0]]);
        }
        const rest: number[] = [];
        for (let { first } = queue; first; { first } = queue) {
          rest.push(first.item);
          queue.remove(first);
        }

        expect(rest).toEqual(model);
      }),
    );
  });

  it('does not keep what it removed, nor is kept by it', () => {
    const queue = new LinkedQueue<string>();
    const [first, second, third] = ['a', 'b', 'c'].map((item) => queue.push(item)) as [
      QueueLink<string>,
      QueueLink<string>,
      QueueLink<string>,
    ];
    queue.remove(second);

    expect([second.before, second.after]).toEqual([undefined, undefined]);
    expect([first.after, third.before]).toEqual([third, first]);
  });
});
