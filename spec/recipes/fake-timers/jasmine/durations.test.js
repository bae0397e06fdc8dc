import { durations, TRUE_DURATIONS } from '../durations.js';

describe("Jasmine's clock", () => {
  afterEach(() => jasmine.clock().uninstall());

  it('measures in fake time with mockDate()', async () => {
    jasmine.clock().install().mockDate();
    expect(await durations((ms) => jasmine.clock().tick(ms))).toEqual(TRUE_DURATIONS);
  });

  it('measures in real time without it, while timeouts end in fake time', async () => {
    jasmine.clock().install();
    expect((await durations((ms) => jasmine.clock().tick(ms))).at(-1)).toBe('attempt');
  });
});
