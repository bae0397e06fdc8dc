import { jest } from '@jest/globals';
import { durations, TRUE_DURATIONS } from '../durations.js';

afterEach(() => jest.useRealTimers());

it('Jest measures in fake time', async () => {
  jest.useFakeTimers();
  expect(await durations((ms) => jest.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});

it('and with advanceTimers', async () => {
  jest.useFakeTimers({ advanceTimers: true });
  expect(await durations((ms) => jest.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});

it('but not with its legacy timers, which have no clock: limits end as they should, and elapsed is real', async () => {
  jest.useFakeTimers({ legacyFakeTimers: true });
  expect((await durations((ms) => jest.advanceTimersByTime(ms))).at(-1)).toBe('attempt');
});
