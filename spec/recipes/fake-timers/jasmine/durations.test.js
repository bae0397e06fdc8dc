import { durations, TRUE_DURATIONS } from '../durations.js';

describe("Jasmine's clock", () => {
  afterEach(() => jasmine.clock().uninstall());

  it('measures in fake time with mockDate()', async () => {
    jasmine.clock().install().mockDate();
    expect(await durations((ms) => jasmine.clock().tick(ms))).toEqual(TRUE_DURATIONS);
  });

  it('does not without: limits end as they should, and elapsed is real', async () => {
    jasmine.clock().install();
    expect((await durations((ms) => jasmine.clock().tick(ms))).at(-1)).toBe('attempt');
  });
});
