import { asyncScheduler } from 'rxjs';

import { justNow, now, wallClock } from '../../src/util/clock.js';
import { inVirtualTime } from '../support/virtual-time.js';

describe('The clock for durations', () => {
  const real = Date.now;

  afterEach(() => {
    Date.now = real;
  });

  it('does not jump when the system’s clock is set', () => {
    const before = now();
    Date.now = () => real() + 3_600_000;
    const forward = now();
    Date.now = () => real() - 3_600_000;
    const back = now();

    expect(forward - before).toBeGreaterThanOrEqual(0);
    expect(forward - before).toBeLessThan(1_000);
    expect(back - forward).toBeGreaterThanOrEqual(0);
    expect(back - forward).toBeLessThan(1_000);
  });

  it('can be read again as it was read last, without reading it', () => {
    const before = now();
    while (performance.now() === before);
    expect(justNow()).toBe(before);
    expect(now()).toBeGreaterThan(before);
    expect(inVirtualTime(() => [now(), justNow()])).toEqual([0, 0]);
  });

  it('is the TestScheduler’s within a run of it', () => {
    const times = inVirtualTime(({ flush }) => {
      const seen: number[] = [now()];
      asyncScheduler.schedule(() => seen.push(now()), 5_000);
      flush();
      return seen;
    });

    expect(times).toEqual([0, 5_000]);
  });

  it('is that of fake timers that replace Date', () => {
    jasmine.clock().install();
    jasmine.clock().mockDate(new Date(2_000_000));
    try {
      const before = now();
      jasmine.clock().tick(5_000);

      expect([before, now() - before]).toEqual([2_000_000, 5_000]);
      expect(wallClock()).toBe(2_005_000);
    } finally {
      jasmine.clock().uninstall();
    }
    expect(Math.abs(now() - performance.now())).toBeLessThan(1_000);
  });

  it('takes no moment of virtual time for one that Date said while it was fake', () => {
    const PlatformDate = Date;
    for (const fake of [
      () => {
        Date.now = () => 5;
      },
      () => {
        globalThis.Date = class extends PlatformDate {
          static override now = () => 5;
        } as DateConstructor;
      },
    ]) {
      fake();
      now();
      globalThis.Date = PlatformDate;
      Date.now = real;
      const times = inVirtualTime(({ flush }) => {
        const seen: number[] = [];
        asyncScheduler.schedule(() => seen.push(now()), 5);
        flush();
        return seen;
      });

      expect(times).toEqual([5]);
    }
  });

  it('goes on if only Date is fake and the timers are real', () => {
    const PlatformDate = Date;
    class SetDate extends PlatformDate {
      static override now(): number {
        return 5;
      }
    }
    globalThis.Date = SetDate as DateConstructor;
    try {
      expect(Math.abs(now() - performance.now())).toBeLessThan(1_000);
    } finally {
      globalThis.Date = PlatformDate;
    }
  });
});

describe('The wall clock', () => {
  it('is the system’s', () => {
    expect(Math.abs(wallClock() - Date.now())).toBeLessThan(1_000);
  });
});
