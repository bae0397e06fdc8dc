import fc from 'fast-check';

import { type Departure, Gcra } from '../../src/gates/gcra.js';

describe('Gcra', () => {
  it('takes no more back from one that leaves than those before it have left unpaid', () => {
    const gcra = new Gcra({ permits: 1, per: 100, burst: 2 });
    const [first, second] = [gcra.take(0), gcra.take(0)];
    gcra.giveBack(first, 20);

    // Time has paid for the second one by now, since the first one is gone.
    expect(gcra.delay(120, 0)).toBe(0);
    gcra.take(120);
    gcra.giveBack(second, 120);

    expect(gcra.delay(120, 0)).toBe(0);
    gcra.take(120);

    expect(gcra.delay(120, 0)).toBe(100);
  });

  it('gives all of it back, in any order, if all leave at once', () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const gcra = new Gcra({ permits: 1, per: 100, burst: 3 });
      const departures = [0, 0, 0].map(() => gcra.take(0));
      for (const index of order) gcra.giveBack(departures[index]!, 0);

      expect(gcra.available(0)).toBe(3);
    }
  });

  it('gives back each of those that go and leave one after the other, in one moment', () => {
    const gcra = new Gcra({ permits: 1, per: 100, burst: 2 });
    for (let round = 0; round < 5; round += 1) {
      gcra.giveBack(gcra.take(0), 0);

      expect(gcra.available(0)).toBe(2);
    }
  });

  it('gives back one that went after others had left, whole', () => {
    const gcra = new Gcra({ permits: 1, per: 100, burst: 4 });
    const [first, second] = [gcra.take(0), gcra.take(0), gcra.take(0)];
    gcra.giveBack(first, 0);
    gcra.giveBack(second, 0);
    gcra.giveBack(gcra.take(0), 0);

    expect(gcra.available(0)).toBe(3);
  });

  it('gives back nothing of one that time has paid for, and what those before it gave back', () => {
    const gcra = new Gcra({ permits: 1, per: 100, burst: 4 });
    const [first, second, third] = [gcra.take(0), gcra.take(0), gcra.take(0)];
    gcra.giveBack(first, 50);
    // Half of the first was paid for, and half of the second since.
    expect(gcra.available(50)).toBe(2);
    gcra.giveBack(second, 100);

    expect(gcra.resetAfter(100, 0)).toBe(100);
    gcra.giveBack(third, 150);

    expect(gcra.resetAfter(150, 0)).toBe(0);
  });

  for (const [what, every, isFollowed] of [
    ['once time has paid for it', 10, true],
    ['at once, where none has followed', 0, false],
  ] as const) {
    it(`takes linear time for any number that leave one after the other: it forgets each ${what}`, () => {
      const measure = (count: number): number => {
        const gcra = new Gcra({ permits: 100, per: 1_000, burst: 2 });
        const start = performance.now();
        for (let index = 0; index < count; index += 1) {
          const time = index * every;
          const departure = gcra.take(time);
          if (isFollowed) gcra.take(time);
          gcra.giveBack(departure, time);
        }
        return performance.now() - start;
      };
      measure(1_000);
      const few = measure(3_000);
      // Ten times as many take about ten times as long; with a quadratic algorithm a hundred times.
      expect(measure(30_000)).toBeLessThan(40 * few + 100);
    });
  }

  it('lets at most burst + T · permits / per stay in any T ms, whoever gives back, and when', () => {
    const step = fc.record({
      wait: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })),
      action: fc.constantFrom('send', 'hold', 'leave'),
      which: fc.nat(),
    });
    fc.assert(
      fc.property(
        fc.record({ permits: fc.integer({ min: 1, max: 3 }), burst: fc.integer({ min: 1, max: 4 }) }),
        fc.array(step, { maxLength: 60 }),
        ({ permits, burst }, steps) => {
          const per = 100;
          const gcra = new Gcra({ permits, per, burst });
          const sent: number[] = [];
          const held: Departure[] = [];
          let time = 0;
          for (const { wait, action, which } of steps) {
            time += wait;
            if (action === 'leave') {
              const [left] = held.splice(which % Math.max(1, held.length), 1);
              if (left) gcra.giveBack(left, time);
            } else if (gcra.delay(time, 0) === 0) {
              const departure = gcra.take(time);
              if (action === 'send') sent.push(time);
              else held.push(departure);
            }
          }
          sent.forEach((last, index) => {
            sent.slice(0, index + 1).forEach((first, before) => {
              if (index - before + 1 > burst + ((last - first) * permits) / per) {
                throw new Error(`${index - before + 1} went in ${last - first} ms`);
              }
            });
          });
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
