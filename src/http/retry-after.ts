/**
 * Reads `Retry-After`: delay-seconds, or one of the three forms of a date in HTTP.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 | RFC 9110, section 10.2.3}
 */

/** IMF-fixdate (Sun, 06 Nov 1994 08:49:37 GMT), or the form of RFC 850 (Sunday, 06-Nov-94 08:49:37 GMT). */
const FIXDATE_OR_RFC_850 =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?=.. ... \d{4} )|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?=..-...-\d\d ))(\d\d).([A-Z][a-z]{2}).(\d+) ((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60) GMT$/;

/** The form of asctime: Sun Nov  6 08:49:37 1994. */
const ASCTIME = /^(\w{3}) (\w{3}) ([ \d]\d) (\S+) (\d{4})$/;

/** Converts asctime's form to IMF-fixdate. Only asctime may have a space as the first digit of the day. */
function asctimeToFixdate(_: string, name: string, month: string, day: string, time: string, year: string): string {
  return `${name}, ${day.replace(' ', '0')} ${month} ${year} ${time} GMT`;
}

/**
 * Parses an HTTP date, in ms since the epoch; `undefined` if it is malformed.
 *
 * @param now - the wall clock, in ms since the epoch, for dates with a year of two digits
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 | RFC 9110, section 5.6.7}
 */
export function parseHttpDate(value: string, now: number): number | undefined {
  const [, day, month, year, time, second] = FIXDATE_OR_RFC_850.exec(value.replace(ASCTIME, asctimeToFixdate)) ?? [];
  if (!year) return undefined;
  const inYear = (fullYear: number): number | undefined => {
    // The year 2000 is a leap year, so 29 Feb parses too.
    const date = new Date(`${day} ${month} 2000 ${time} GMT`);
    date.setUTCFullYear(fullYear);
    // An invalid month or day has become another date.
    return date.toUTCString().includes(`${day} ${month}`) ? date.setUTCSeconds(Number(second)) : undefined;
  };
  if (year.length === 4) return inYear(Number(year));
  // Two digits stand for the latest such year that is at most 50 years ahead (RFC 9110, section 5.6.7).
  const limit = new Date(now);
  const limitYear = limit.getUTCFullYear() + 50;
  limit.setUTCFullYear(limitYear);
  const fullYear = limitYear - ((limitYear - Number(year)) % 100);
  const date = inYear(fullYear);
  return date === undefined || date > limit.getTime() ? inYear(fullYear - 100) : date;
}

/**
 * Parses `Retry-After`: the delay from `now`, in ms; `undefined` if it is absent or malformed. A date in the past gives
 * 0.
 *
 * @param value - the header's value
 * @param now - the time of the response, in ms since the epoch: its `Date`, if it has one
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/** The separator of the values of a header that was sent twice. The comma within a date follows the name of a day. */
const VALUE_SEPARATOR = /(?<!Mon|Tue|Wed|Thu|Fri|Sat|Sun|day), /;

/**
 * Returns the time of a response, in ms since the epoch: its `Date`, else the wall clock. What a server dates is
 * measured against its own clock, so that a client with a wrong clock waits the right time.
 *
 * @param header - reads a header of the response
 * @param now - the wall clock, in ms since the epoch
 */
export function responseTime(header: (name: string) => string | null, now: number): number {
  const date: unknown = header('date');
  const dates =
    typeof date === 'string' ? date.split(VALUE_SEPARATOR).map((item) => parseHttpDate(item.trim(), now)) : [];
  return dates.find((time) => time !== undefined) ?? now;
}

/**
 * Returns the delay that a response asks for, in ms; `undefined` if it asks for none. `Retry-After` is relative to the
 * response's own `Date`. Of several values the longest valid one counts.
 *
 * @param header - reads a header of the response
 * @param now - the wall clock, in ms since the epoch, for a response without a valid `Date`
 */
export function retryAfter(header: (name: string) => string | null, now: number): number | undefined {
  const value: unknown = header('retry-after');
  // The headers of another library may return a value of any type.
  if (typeof value !== 'string') return undefined;
  const time = responseTime(header, now);
  // A proxy may have added a value of its own. The longest delay satisfies both.
  return value
    .split(VALUE_SEPARATOR)
    .map((item) => parseRetryAfter(item, time))
    .reduce(
      (longest, delay) => (delay === undefined || (longest !== undefined && longest > delay) ? longest : delay),
      undefined,
    );
}
