import assert from 'node:assert/strict';
import { it } from 'node:test';
import { durations, TRUE_DURATIONS } from '../durations.js';

it("Node's test runner measures in fake time", async ({ mock }) => {
  mock.timers.enable({ apis: ['setInterval', 'Date'] });
  assert.deepEqual(await durations((ms) => mock.timers.tick(ms)), TRUE_DURATIONS);
});
