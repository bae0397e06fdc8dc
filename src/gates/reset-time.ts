import { parseHttpDate } from '../http/retry-after.js';

/** Servers send resets of monthly quotas. A time further away is no reset: a typing error, or another unit. */
const MAX_RESET_MS = 31 * 24 * 60 * 60 * 1000;

/** A number of seconds from here on (2001) is a moment, and a smaller one a duration. */
const MIN_EPOCH_SECONDS = 1e9;
/** A number from here on (the year 5138) cannot be seconds: it is in ms, µs or ns. */
const MAX_EPOCH_SECONDS = 1e11;

const NUMBER = /^\d{1,20}(?:\.\d{1,9})?$/;
/** Go's time.Duration as text: 6m0s, 12ms. */
const GO_DURATION = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[dhms]))+$/;
/** The lengths of its units, in ms. */
const GO_UNITS: ReadonlyMap<unknown, number> = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]);
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * Parses when a limit is reset, in ms from the time of the response; `undefined` if it is malformed, or absurdly far. A
 * moment in the past gives 0.
 *
 * Servers send a duration in seconds (the IETF's drafts, Zalando, Discord's with decimals), seconds since the epoch
 * (GitHub, Twitter), the same in ms, µs or ns, a duration of Go (OpenAI), a date of RFC 3339 (Anthropic), or of HTTP.
 *
 * @param time - the time of the response, in ms since the epoch
 */
export function parseReset(text: string, time: number): number | undefined {
  const trimmed = text.trim();
  let delay: number;
  if (NUMBER.test(trimmed)) delay = delayOf(Number(trimmed), time);
  else if (GO_DURATION.test(trimmed)) delay = goDuration(trimmed);
  else if (RFC_3339.test(trimmed)) delay = Date.parse(trimmed) - time;
  else delay = (parseHttpDate(trimmed, time) ?? NaN) - time;
  return plausibleDelay(delay);
}

/**
 * Returns the delay that `Retry-After` asks for, in ms; `undefined` if it is absurdly long. Some servers send seconds
 * since the epoch, which would be a delay of 56 years.
 *
 * @param delay - as it was parsed, in ms
 * @param time - the time of the response, in ms since the epoch
 */
export function plausibleRetryAfter(delay: number, time: number): number | undefined {
  return plausibleDelay(delayOf(delay / 1000, time));
}

/** Returns a delay in whole ms, 0 for one that is over; `undefined` for one that is absurdly long, or NaN. */
export function plausibleDelay(delay: number): number | undefined {
  return delay <= MAX_RESET_MS ? Math.round(Math.max(0, delay)) : undefined;
}

/** Tells a moment from a duration, and returns the delay in ms. */
function delayOf(count: number, time: number): number {
  let seconds = count;
  for (let unit = 0; unit < 3 && seconds >= MAX_EPOCH_SECONDS; unit += 1) seconds /= 1000;
  return seconds * 1000 - (seconds >= MIN_EPOCH_SECONDS ? time : 0);
}

function goDuration(text: string): number {
  let delay = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    delay += Number(count) * (GO_UNITS.get(unit) ?? NaN);
  }
  return delay;
}
