/**
 * Reading `Retry-After`: delay-seconds, or one of the three forms that a date may have in HTTP.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 | RFC 9110, section 10.2.3}
 */

/** IMF-fixdate (Sun, 06 Nov 1994 08:49:37 GMT), or RFC 850's form (Sunday, 06-Nov-94 08:49:37 GMT). */
const FORM =
  /^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?=.. ... \d{4} )|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?=..-...-\d\d ))(\d\d).([A-Z][a-z]{2}).(\d+) ((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60) GMT$/;

/** asctime's form: Sun Nov  6 08:49:37 1994. */
const ASCTIME = /^(\w{3}) (\w{3}) ([ \d]\d) (\S+) (\d{4})$/;

/** In asctime's form alone a space may stand for the first digit of the day. */
function fromAsctime(_: string, name: string, month: string, day: string, time: string, year: string): string {
  return `${name}, ${day.replace(' ', '0')} ${month} ${year} ${time} GMT`;
}

/**
 * Reads a date of HTTP, in ms since the epoch; `undefined` where it is none.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 | RFC 9110, section 5.6.7}
 */
export function parseHttpDate(value: string, now: number): number | undefined {
  const [, day, month, year, time, second] = FORM.exec(value.replace(ASCTIME, fromAsctime)) ?? [];
  if (!year) return undefined;
  const at = (fullYear: number): number | undefined => {
    // A leap year, which has every day that there is.
    const date = new Date(`${day} ${month} 2000 ${time} GMT`);
    date.setUTCFullYear(fullYear);
    // What is no month, or a day too many, has become another date.
    return date.toUTCString().includes(`${day} ${month}`) ? date.setUTCSeconds(Number(second)) : undefined;
  };
  if (year.length === 4) return at(Number(year));
  // Of the years that end in these two digits the latest that is at most 50 years ahead.
  const limit = new Date(now);
  const last = limit.getUTCFullYear() + 50;
  limit.setUTCFullYear(last);
  const latest = last - ((last - Number(year)) % 100);
  const date = at(latest);
  return date === undefined || date > limit.getTime() ? at(latest - 100) : date;
}

/**
 * Reads `Retry-After`: how long to wait from `now`, in ms; `undefined` where it is absent or malformed. A date that has passed gives 0.
 *
 * @param value - the header's value
 * @param now - when the response was made, in ms since the epoch: its own `Date` where it has one
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const date = parseHttpDate(text, now);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/** Between the values of a header that was sent twice: the comma within a date follows a day's name. */
const BETWEEN_VALUES = /(?<!Mon|Tue|Wed|Thu|Fri|Sat|Sun|day), /;

/**
 * How long a response asks to be left alone, in ms: its `Retry-After` measured against its own `Date`, so that a client whose clock is
 * wrong waits the right time. Of several values the longest valid one counts.
 *
 * @param header - reads a header of the response
 * @param now - the clock, for a response without a readable `Date`
 */
export function retryAfter(header: (name: string) => string | null, now: number): number | undefined {
  const value: unknown = header('retry-after');
  // What other libraries call headers may give anything.
  if (typeof value !== 'string') return undefined;
  const date: unknown = header('date');
  const dates = typeof date === 'string' ? date.split(BETWEEN_VALUES).map((one) => parseHttpDate(one.trim(), now)) : [];
  const from = dates.find((one) => one !== undefined) ?? now;
  // A proxy may have added one of its own: to heed the longest heeds both.
  return value
    .split(BETWEEN_VALUES)
    .map((one) => parseRetryAfter(one, from))
    .reduce(
      (longest, one) => (one === undefined || (longest !== undefined && longest > one) ? longest : one),
      undefined,
    );
}
