import * as fc from 'fast-check';

import { TimerHeap, type VirtualTimer } from '../../src/simulate/timer-heap.js';

function createTimer(): VirtualTimer {
  return { order: 0, index: -1, fire: () => undefined };
}

describe('The heap of virtual timers', () => {
  it('is empty at first, and again when all have left', () => {
    const heap = new TimerHeap();
    const timer = createTimer();

    expect([heap.next, heap.nextTime]).toEqual([undefined, Infinity]);
    heap.add(timer, 5);
    heap.remove(timer);

    expect([heap.next, heap.nextTime, timer.index]).toEqual([undefined, Infinity, -1]);
  });

  it('keeps a timer that is removed twice out, and no other one', () => {
    const heap = new TimerHeap();
    const [one, other] = [createTimer(), createTimer()];
    heap.add(one, 1);
    heap.add(other, 2);
    heap.remove(one);
    heap.remove(one);

    expect(heap.next).toBe(other);
  });

  it('has a timer that comes back behind those of the same time', () => {
    const heap = new TimerHeap();
    const [one, other] = [createTimer(), createTimer()];
    heap.add(one, 1);
    heap.add(other, 1);
    heap.remove(one);
    heap.add(one, 1);

    expect(heap.next).toBe(other);
  });

  it('has the next one first, as a sorted list would, whatever is added and removed', () => {
    const step = fc.oneof(
      // Few times, so that many are equal.
      fc.record({ type: fc.constant('add' as const), time: fc.nat(6) }),
      fc.record({ type: fc.constant('remove' as const), which: fc.nat() }),
      fc.constant({ type: 'take' as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const heap = new TimerHeap();
        const sorted: { readonly timer: VirtualTimer; readonly time: number }[] = [];
        const drop = (index: number): void => {
          const [entry] = sorted.splice(index, 1);
          heap.remove(entry!.timer);

          expect(entry!.timer.index).toBe(-1);
        };
        for (const each of steps) {
          if (each.type === 'add') {
            const timer = createTimer();
            heap.add(timer, each.time);
            const after = sorted.findIndex(({ time }) => time > each.time);
            sorted.splice(after < 0 ? sorted.length : after, 0, { timer, time: each.time });
          } else if (sorted.length > 0) {
            drop(each.type === 'take' ? 0 : each.which % sorted.length);
          }

          expect(heap.next).toBe(sorted[0]?.timer);
          expect(heap.nextTime).toBe(sorted[0]?.time ?? Infinity);
        }
      }),
    );
  });
});
