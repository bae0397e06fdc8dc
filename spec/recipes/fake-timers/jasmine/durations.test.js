import { durations, TRUE_DURATIONS } from '../durations.js';

describe("Jasmine's clock", () => {
  afterEach(() => jasmine.clock().uninstall());

  it('measures in fake time with mockDate()', async () => {
    jasmine.clock().install().mockDate();
    expect(await durations((ms) => jasmine.clock().tick(ms))).toEqual(TRUE_DURATIONS);
  });

  it('does not without: no silence is ever long enough', async () => {
    jasmine.clock().install();
    expect((await durations((ms) => jasmine.clock().tick(ms))).at(-1)).toBe('total');
  });
});
