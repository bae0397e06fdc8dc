import { afterEach, expect, it, vi } from 'vitest';
import { durations, TRUE_DURATIONS } from '../durations.js';

afterEach(() => vi.useRealTimers());

it('Vitest measures in fake time', async () => {
  vi.useFakeTimers();
  expect(await durations((ms) => vi.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});

it('Vitest measures in fake time if the list of fakes contains Date', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  expect(await durations((ms) => vi.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});

it('Vitest measures in real time without Date, while timeouts end in fake time', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  const measured = await durations((ms) => vi.advanceTimersByTime(ms));
  expect(measured.at(-1)).toBe('attempt');
  expect(Math.max(...measured.slice(0, -1))).toBeLessThan(1_000);
});

it('Vitest measures in fake time from any start time', async () => {
  vi.useFakeTimers({ now: 0 });
  expect(await durations((ms) => vi.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
  vi.useFakeTimers({ now: new Date('2100-01-01') });
  expect(await durations((ms) => vi.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});
