import * as fc from 'fast-check';

import { type Linked, LinkedList } from '../../src/util/linked-list.js';

class Item implements Linked<Item> {
  previous: Item | undefined;
  next: Item | undefined;
  constructor(readonly name: number) {}
}

function forwards(list: LinkedList<Item>): number[] {
  const names: number[] = [];
  for (let item = list.first; item; item = item.next) names.push(item.name);
  return names;
}

function backwards(list: LinkedList<Item>): number[] {
  const names: number[] = [];
  for (let item = list.last; item; item = item.previous) names.push(item.name);
  return names;
}

describe('A linked list', () => {
  it('is, in both directions, what an array would be, whoever leaves', () => {
    // Each number removes an item at that position; -1 adds one.
    const step = fc.oneof(fc.constant(-1), fc.nat(20));
    expect(() => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
          const list = new LinkedList<Item>();
          const array: Item[] = [];
          steps.forEach((position, index) => {
            const item = position < 0 ? new Item(index) : array[position % array.length];
            if (position < 0 && item) {
              list.push(item);
              array.push(item);
            } else if (item) {
              list.remove(item);
              array.splice(array.indexOf(item), 1);
              expect([item.previous, item.next]).toEqual([undefined, undefined]);
            }
            const names = array.map(({ name }) => name);
            expect(forwards(list)).toEqual(names);
            expect(backwards(list)).toEqual([...names].reverse());
            expect(list.size).toBe(names.length);
          });
        }),
      );
    }).not.toThrow();
  });

  it('says whether an item that is to leave was in it', () => {
    const list = new LinkedList<Item>();
    const item = new Item(1);
    expect(list.remove(item)).toBeFalse();
    list.push(item);
    expect(list.remove(item)).toBeTrue();
    expect(list.remove(item)).toBeFalse();
    expect(list.size).toBe(0);
  });

  it('takes an item again that has left', () => {
    const list = new LinkedList<Item>();
    const item = new Item(1);
    list.push(item);
    list.remove(item);
    list.push(new Item(2));
    list.push(item);
    expect(forwards(list)).toEqual([2, 1]);
  });
});
