import { jest } from '@jest/globals';
import { durations, TRUE_DURATIONS } from '../durations.js';

afterEach(() => jest.useRealTimers());

it('Jest measures in fake time', async () => {
  jest.useFakeTimers();
  expect(await durations((ms) => jest.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});

it('Jest measures in fake time with advanceTimers', async () => {
  jest.useFakeTimers({ advanceTimers: true });
  expect(await durations((ms) => jest.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});

it('Jest measures in real time with legacy timers, which have no clock, while timeouts end in fake time', async () => {
  jest.useFakeTimers({ legacyFakeTimers: true });
  expect((await durations((ms) => jest.advanceTimersByTime(ms))).at(-1)).toBe('attempt');
});
