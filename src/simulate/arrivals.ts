import { checkNumber } from '../util/option-rule.js';
import { exponentialVariate } from './exponential-variate.js';
import type { ResolvedScenario } from './scenario.js';
import type { VirtualTime } from './virtual-time.js';

/** How often a rate that changes is asked for, in ms. */
const STEP_MS = 10;

/**
 * Begins the requests of all clients, each at its time.
 *
 * That many clients send at random is the same as that one sends as often as all of them, and that it is another one
 * each time. So one timer is pending, and not one for each client.
 *
 * @param begin - begins a request of a client
 */
export function startArrivals(
  { rate, clients, duration }: ResolvedScenario,
  time: VirtualTime,
  random: () => number,
  begin: (client: number) => void,
): void {
  if (rate === 'together') {
    time.schedule(0, () => {
      for (let client = 0; client < clients; client += 1) begin(client);
    });
    return;
  }
  const timeToNext = typeof rate === 'number' ? steadily(rate * clients, random) : changing(rate, clients, random);
  const waitForNext = (): void => {
    const delay = timeToNext(time.now, duration);
    // With a rate of 0 the delay is Infinity, or NaN where the variate is 0, too.
    if (!(time.now + delay < duration)) return;
    time.schedule(delay, () => {
      begin(Math.floor(random() * clients));
      waitForNext();
    });
  };
  waitForNext();
}

/** Returns the time to the next request, in ms, of those that begin after a time. */
type TimeToNext = (now: number, end: number) => number;

/** @param perSecond - the rate of all clients */
function steadily(perSecond: number, random: () => number): TimeToNext {
  return () => (exponentialVariate(random) / perSecond) * 1_000;
}

/**
 * Spends an amount of requests: as many as a rate of 1 would take time for. Each step takes its part, until the rest
 * lies within one step.
 */
function changing(rate: (at: number) => number, clients: number, random: () => number): TimeToNext {
  return (now, end) => {
    let left = exponentialVariate(random);
    for (let at = now; at < end;) {
      const stepEnd = (Math.floor(at / STEP_MS) + 1) * STEP_MS;
      const perMs = (checkNumber('what scenario.rate returns', rate(stepEnd - STEP_MS), 0) * clients) / 1_000;
      const inStep = perMs * (stepEnd - at);
      if (inStep > 0 && left <= inStep) return at + left / perMs - now;
      left -= inStep;
      at = stepEnd;
    }
    return Infinity;
  };
}
