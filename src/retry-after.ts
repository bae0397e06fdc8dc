/**
 * Reading `Retry-After`: delay-seconds, or one of the three forms that a date may have in HTTP.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 | RFC 9110, section 10.2.3}
 */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const MONTH = `(?<month>${MONTHS.join('|')})`;
const TIME = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';

const FORMS = [
  // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^${DAY}, (?<day>\\d\\d) ${MONTH} (?<year>\\d{4}) ${TIME} GMT$`),
  // RFC 850: Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^${LONG_DAY}, (?<day>\\d\\d)-${MONTH}-(?<year>\\d\\d) ${TIME} GMT$`),
  // asctime: Sun Nov  6 08:49:37 1994
  new RegExp(`^${DAY} ${MONTH} (?<day>\\d\\d| \\d) ${TIME} (?<year>\\d{4})$`),
];

/**
 * Reads a date of HTTP, in ms since the epoch; `undefined` where it is none.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 | RFC 9110, section 5.6.7}
 */
export function parseHttpDate(value: string, now: number): number | undefined {
  const parts = FORMS.map((form) => form.exec(value)?.groups).find((groups) => groups !== undefined);
  if (!parts) return undefined;
  const { year = '', month = '', day, hour, minute, second } = parts;
  const at = (fullYear: number): number | undefined => {
    const date = new Date(0);
    // setUTCFullYear, since Date.UTC takes the years 0 to 99 for 1900 to 1999.
    date.setUTCFullYear(fullYear, MONTHS.indexOf(month), Number(day));
    // 30 Feb is none.
    return date.getUTCDate() === Number(day) ? date.setUTCHours(Number(hour), Number(minute), Number(second)) : undefined;
  };
  return year.length === 4 ? at(Number(year)) : nearest(Number(year), now, at);
}

/** Of the years that end in two digits the latest that gives a date at most 50 years ahead. */
function nearest(twoDigits: number, now: number, at: (fullYear: number) => number | undefined): number | undefined {
  const limit = new Date(now);
  const lastYear = limit.getUTCFullYear() + 50;
  limit.setUTCFullYear(lastYear);
  const year = lastYear - ((lastYear - twoDigits) % 100);
  const date = at(year);
  return date === undefined || date > limit.getTime() ? at(year - 100) : date;
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

/**
 * How long a response asks to be left alone, in ms: its `Retry-After` measured against its own `Date`, so that a client whose clock is
 * wrong waits the right time.
 *
 * @param header - reads a header of the response
 * @param now - the clock, for a response without a readable `Date`
 */
export function retryAfter(header: (name: string) => string | null, now: number): number | undefined {
  const value: unknown = header('retry-after');
  // What other libraries call headers may give anything.
  if (typeof value !== 'string') return undefined;
  const date: unknown = header('date');
  return parseRetryAfter(value, (typeof date === 'string' ? parseHttpDate(date.trim(), now) : undefined) ?? now);
}
