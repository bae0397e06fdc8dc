import { asyncScheduler } from 'rxjs';

/** The platform's own, kept at load: fake timers replace these globals. */
const PLATFORM_DATE = Date;
const PLATFORM_NOW = Date.now;
const PLATFORM_INTERVAL = setInterval;

/**
 * Whether both the date and RxJS's timers are fake. With a fake date alone the clock may stand still, and no limit
 * would ever end. Zone's `fakeAsync` leaves `setInterval` as it is, because zone.js has replaced it before.
 */
function areTimersFake(): boolean {
  return Date !== PLATFORM_DATE && (setInterval !== PLATFORM_INTERVAL || 'Zone' in globalThis);
}

/**
 * The largest difference between the scheduler's clock and the wall clock, in ms; a scheduler further off is virtual.
 */
const MAX_CLOCK_DIFFERENCE_MS = 1_000;

/** The last time of the scheduler that was close to the wall clock. */
let lastReal: number | undefined;

/** What {@link now} returned last. */
let lastNow: number | undefined;

/**
 * Reads the clock for durations (elapsed times, deadlines, inactivity, cooldowns, throughput), in ms since an arbitrary
 * moment. It is monotonic: it does not jump when the system's clock is set. In virtual time (TestScheduler, fake
 * timers) it is the virtual clock.
 *
 * All code of this package reads clocks here.
 *
 * @param scheduled - the wall clock in ms, if the caller has just read it: reading clocks is a large part of the cost
 *   of a request
 */
export function now(scheduled: number = wallClock()): number {
  // Most readings are of the same millisecond as the one before.
  const isReal = scheduled === lastReal || Math.abs(scheduled - Date.now()) <= MAX_CLOCK_DIFFERENCE_MS;
  // What a fake date says can be a moment of virtual time as well.
  if (isReal && Date.now === PLATFORM_NOW) lastReal = scheduled;
  const isVirtual = !isReal || areTimersFake();
  return (lastNow = isVirtual || typeof performance !== 'object' ? scheduled : performance.now());
}

/**
 * Returns what {@link now} returned last, for code that runs right after that. A run has read the clock for each event
 * that says how an attempt went, so that its gates need not read it again.
 */
export function justNow(): number {
  return lastNow ?? now();
}

/**
 * Reads the wall clock, in ms since the epoch (or since virtual time began): for moments that are displayed, and for
 * dates that a server sends.
 */
export function wallClock(): number {
  return asyncScheduler.now();
}
