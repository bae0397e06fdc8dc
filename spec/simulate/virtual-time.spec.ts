import * as fc from 'fast-check';

import { VirtualTime } from '../../src/simulate/virtual-time.js';

function runAll(time: VirtualTime): void {
  while (time.nextTime < Infinity) time.advance();
}

describe('Virtual time', () => {
  it('passes from one timer to the next, and fires those of a moment in the order of their start', () => {
    const time = new VirtualTime();
    const fired: string[] = [];
    const at = (delay: number, name: string): void => {
      time.schedule(delay, () => fired.push(`${name} ${time.now}`));
    };
    at(20, 'c');
    at(10, 'a');
    at(20, 'd');
    at(10, 'b');
    runAll(time);

    expect(fired).toEqual(['a 10', 'b 10', 'c 20', 'd 20']);
  });

  it('fires what a timer starts for the same moment in the same step, last', () => {
    const time = new VirtualTime();
    const fired: string[] = [];
    time.schedule(5, () => {
      fired.push('first');
      time.schedule(0, () => fired.push('started by it'));
    });
    time.schedule(5, () => fired.push('second'));
    time.advance();

    expect(fired).toEqual(['first', 'second', 'started by it']);
    expect(time.nextTime).toBe(Infinity);
  });

  it('does not fire a timer that was cancelled, also by one of the same moment', () => {
    const time = new VirtualTime();
    const fired: string[] = [];
    time.schedule(5, () => {
      fired.push('first');
      time.cancel(second);
    });
    const second = time.schedule(5, () => fired.push('second'));
    const third = time.schedule(1, () => fired.push('third'));
    time.cancel(third);
    runAll(time);

    expect(fired).toEqual(['first']);
  });

  it('lets a timer cancel itself, and start again, while it fires', () => {
    const time = new VirtualTime();
    const fired: number[] = [];
    const timer = time.schedule(5, () => {
      time.cancel(timer);
      fired.push(time.now);
      if (fired.length < 3) time.start(timer, 10);
    });
    runAll(time);

    expect(fired).toEqual([5, 15, 25]);
  });

  it('says so when it stands still, instead of running for ever', () => {
    const time = new VirtualTime();
    const timer = time.schedule(7, () => {
      time.start(timer, 0);
    });

    expect([time.advance(), time.now]).toEqual([false, 7]);
  });

  it('goes on after a timer that throws', () => {
    const time = new VirtualTime();
    let fired = 0;
    time.schedule(5, () => {
      throw new Error('of a timer');
    });
    time.schedule(5, () => (fired += 1));

    expect(() => {
      time.advance();
    }).toThrowError('of a timer');
    time.advance();

    expect([fired, time.now]).toEqual([1, 5]);
  });

  it('never goes back, and fires each timer once, at its time', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 50 }), (pairs) => {
        const time = new VirtualTime();
        const late: number[] = [];
        let fired = 0;
        for (const [delay, further] of pairs) {
          time.schedule(delay, () => {
            fired += 1;
            if (time.now !== delay) late.push(delay);
            time.schedule(further, () => {
              fired += 1;
              if (time.now !== delay + further) late.push(delay + further);
            });
          });
        }
        let last = 0;
        while (time.nextTime < Infinity) {
          time.advance();

          expect(time.now).toBeGreaterThanOrEqual(last);
          last = time.now;
        }

        expect(late).toEqual([]);
        expect(fired).toBe(2 * pairs.length);
      }),
    );
  });
});
