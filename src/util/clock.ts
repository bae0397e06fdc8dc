import { asyncScheduler } from 'rxjs';

/** Fake timers put their own in the place of these. */
const PLATFORM_DATE = Date;
const PLATFORM_INTERVAL = setInterval;

/** Whether RxJS's timers are faked, too: where Date alone is, a clock that stands still would let no limit end. Zone's fakeAsync is in zone.js's own timers. */
function areTimersFake(): boolean {
  return Date !== PLATFORM_DATE && (setInterval !== PLATFORM_INTERVAL || 'Zone' in globalThis);
}

/** How far the scheduler's clock and the wall clock may be apart in one call, in ms. Beyond, the scheduler's is virtual. */
const MAX_CLOCK_DIFFERENCE_MS = 1_000;

/**
 * The clock for durations (elapsed times, deadlines, silences, cooldowns, speeds), in ms since an arbitrary moment. It is monotonic: it does
 * not jump when the system's clock is set. In virtual time (TestScheduler, fake timers) it is the virtual clock.
 *
 * Nothing else in this package reads a clock.
 *
 * @param scheduled - the wall clock, where the caller has just read it: clocks are a large part of what a request costs
 */
export function now(scheduled: number = wallClock()): number {
  const isVirtual = areTimersFake() || Math.abs(scheduled - Date.now()) > MAX_CLOCK_DIFFERENCE_MS;
  return isVirtual || typeof performance !== 'object' ? scheduled : performance.now();
}

/** The wall clock, in ms since the epoch (or virtual time's start): for moments that are shown, and for dates that a server sends. */
export function wallClock(): number {
  return asyncScheduler.now();
}
