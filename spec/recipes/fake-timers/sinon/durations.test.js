import sinon from 'sinon';
import { afterEach, expect, it } from 'vitest';
import { durations, TRUE_DURATIONS } from '../durations.js';

afterEach(() => sinon.restore());

it('Sinon measures in fake time', async () => {
  const clock = sinon.useFakeTimers();
  expect(await durations((ms) => clock.tick(ms))).toEqual(TRUE_DURATIONS);
  clock.restore();
});

it('Sinon measures in fake time if the list of fakes contains Date', async () => {
  const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  expect(await durations((ms) => clock.tickAsync(ms))).toEqual(TRUE_DURATIONS);
  clock.restore();
});
