import fc from 'fast-check';

import { RollingWindow } from '../../src/gates/rolling-window.js';

describe('RollingWindow', () => {
  it('counts several things apart', () => {
    const window = new RollingWindow(10_000);
    window.add(0, 0);
    window.add(1, 1, 5);
    window.add(2, 0, -3);

    expect([window.sum(2, 0), window.sum(2, 1)]).toEqual([-2, 5]);
  });

  // App-vNext/Polly, RollingHealthMetricsTests: 10 s in ten windows.
  it("follows Polly's vectors", () => {
    const window = new RollingWindow(10_000);
    for (const [time, isFailure] of [true, false, false, false, false].entries()) {
      window.add(time * 2_000, isFailure ? 1 : 0);
    }

    expect([window.sum(9_999, 0), window.sum(9_999, 1)]).toEqual([4, 1]);
    expect([window.sum(10_000, 0), window.sum(10_000, 1)]).toEqual([4, 0]);
    expect(window.sum(18_000, 0)).toBe(0);
  });

  it('forgets a slice as a whole: a tenth of the window, from what it counted first', () => {
    const window = new RollingWindow(1_000);
    window.add(50, 0);
    window.add(149, 0);
    window.add(150, 0);

    expect([1_049, 1_050, 1_149, 1_150].map((time) => window.sum(time, 0))).toEqual([3, 1, 1, 0]);
  });

  it('goes on with the slice that it counted in, when older ones go', () => {
    const window = new RollingWindow(1_000);
    for (const time of [0, 400, 500, 950, 1_010]) window.add(time, 0);

    expect([1_010, 1_399, 1_400, 1_500, 1_949, 1_950].map((time) => window.sum(time, 0))).toEqual([4, 4, 3, 2, 2, 0]);
  });

  it('has one slice if it is shorter than 200 ms', () => {
    const short = new RollingWindow(199);
    const long = new RollingWindow(200);
    for (const window of [short, long]) {
      window.add(0, 0);
      window.add(150, 0);
    }

    expect([short.sum(198, 0), short.sum(199, 0)]).toEqual([2, 0]);
    expect([long.sum(199, 0), long.sum(200, 0)]).toEqual([2, 1]);
  });

  it('is empty after clear, and counts again', () => {
    const window = new RollingWindow(1_000);
    window.add(0, 0);
    window.clear();

    expect(window.sum(0, 0)).toBe(0);

    window.add(0, 0);

    expect(window.sum(0, 0)).toBe(1);
  });

  it('forgets the future, when virtual time starts again', () => {
    const window = new RollingWindow(1_000);
    window.add(5_000, 0);

    expect(window.sum(10, 0)).toBe(0);

    window.add(10, 0);

    expect(window.sum(10, 0)).toBe(1);
    expect(window.sum(5_000, 0)).toBe(0);
  });

  it('keeps at most ten slices, however much it counts', () => {
    const window = new RollingWindow(1_000);
    const lengths: number[] = [];
    const filter = spyOn(Array.prototype, 'filter').and.callThrough();
    for (let time = 0; time < 50_000; time += 7) {
      window.add(time, 0);
      window.add(time, 0);
    }
    for (const { object } of filter.calls.all()) lengths.push((object as unknown[]).length);

    expect(lengths.length).toBeGreaterThan(0);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(10);
  });

  it('counts all of the last nine tenths of the window, and nothing older than the window', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 5_000 }),
        fc.array(fc.nat(500), { maxLength: 100 }),
        fc.nat(6_000),
        (duration, gaps, later) => {
          const window = new RollingWindow(duration);
          const times: number[] = [];
          let time = 0;
          for (const gap of gaps) {
            time += gap;
            times.push(time);
            window.add(time, 0);
          }
          const now = time + later;
          const sum = window.sum(now, 0);
          const count = (length: number): number => times.filter((at) => now - at < length).length;

          expect(sum).toBeGreaterThanOrEqual(count(0.9 * duration));
          expect(sum).toBeLessThanOrEqual(count(duration));
        },
      ),
    );
  });
});
