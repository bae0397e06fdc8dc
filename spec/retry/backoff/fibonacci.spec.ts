import { fibonacci } from '../../../src/index.js';
import { context, delays } from '../../support/backoff-context.js';
import { expectRefusal } from '../../support/expect-refusal.js';

describe('fibonacci()', () => {
  it('waits 1, 2, 3, 5, 8 … times the initial 100 ms, up to 30 s', () => {
    expect(delays(fibonacci(), 14)).toEqual([
      100, 200, 300, 500, 800, 1_300, 2_100, 3_400, 5_500, 8_900, 14_400, 23_300, 30_000, 30_000,
    ]);
  });

  it('takes an initial delay and a maximum', () => {
    expect(delays(fibonacci({ initial: 7, max: 40 }), 6)).toEqual([7, 14, 21, 35, 40, 40]);
  });

  it('keeps no state between calls, so concurrent requests can share it', () => {
    const backoff = fibonacci();
    const interleaved = [1, 1, 5, 2, 2, 1, 5].map((retry) => backoff(context({ retry })));
    expect(interleaved).toEqual([100, 100, 800, 200, 200, 100, 800]);
  });

  it('does not overflow at any retry', () => {
    for (const retry of [78, 1_476, 1_477, 1_000_000, Number.MAX_SAFE_INTEGER]) {
      expect(fibonacci()(context({ retry }))).toBe(30_000);
    }
  });

  it('stays 0 when it starts at 0, at any retry', () => {
    for (const retry of [1, 2, 5_000, Number.MAX_SAFE_INTEGER]) {
      expect(fibonacci({ initial: 0 })(context({ retry }))).toBe(0);
    }
  });

  it('sets no number of attempts', () => {
    expect(fibonacci().attempts).toBeUndefined();
  });

  it('refuses options that are not delays', () => {
    expectRefusal(() => fibonacci({ initial: -1 }), [RangeError], 'initial', '-1');
    expectRefusal(() => fibonacci({ initial: '1' as unknown as number }), [TypeError], 'initial', '1');
    expectRefusal(() => fibonacci({ max: Number.NaN }), [RangeError], 'max', 'NaN');
    expectRefusal(() => fibonacci({ max: -3 }), [RangeError], 'max', '-3');
  });
});
