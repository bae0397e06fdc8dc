import { afterEach, expect, it, vi } from 'vitest';
import { durations, TRUE_DURATIONS } from '../durations.js';

afterEach(() => vi.useRealTimers());

it('Vitest measures in fake time', async () => {
  vi.useFakeTimers();
  expect(await durations((ms) => vi.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});

it('and with a list that has Date in it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  expect(await durations((ms) => vi.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});

it('but not without Date: limits end as they should, and elapsed is real', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  const measured = await durations((ms) => vi.advanceTimersByTime(ms));
  expect(measured.at(-1)).toBe('attempt');
  expect(Math.max(...measured.slice(0, -1))).toBeLessThan(1_000);
});

it('and at whatever time one sets', async () => {
  vi.useFakeTimers({ now: 0 });
  expect(await durations((ms) => vi.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
  vi.useFakeTimers({ now: new Date('2100-01-01') });
  expect(await durations((ms) => vi.advanceTimersByTime(ms))).toEqual(TRUE_DURATIONS);
});
