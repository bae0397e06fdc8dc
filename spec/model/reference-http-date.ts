/**
 * A reference implementation of RFC 9110's dates and of Retry-After, for specs alone. It follows the grammar character
 * by character, and counts days one by one, so that it shares no code and no technique with the implementation in src.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 | RFC 9110, section 5.6.7}
 */

const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const LONG_DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

class Mismatch extends Error {}

/** Reads a text from left to right. Throws a {@link Mismatch} if the expected text does not follow. */
class Cursor {
  #at = 0;

  constructor(readonly text: string) {}

  oneOf(words: readonly string[]): number {
    const index = words.findIndex((word) => this.text.startsWith(word, this.#at));
    if (index < 0) throw new Mismatch();
    this.#at += words[index]!.length;
    return index;
  }

  exactly(word: string): void {
    this.oneOf([word]);
  }

  digits(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n += 1) {
      value = value * 10 + this.oneOf(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    }
    return value;
  }

  /** `2DIGIT / ( SP 1DIGIT )` */
  paddedDay(): number {
    if (this.text[this.#at] !== ' ') return this.digits(2);
    this.exactly(' ');
    return this.digits(1);
  }

  end(): void {
    if (this.#at !== this.text.length) throw new Mismatch();
  }
}

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly secondOfDay: number;
}

function timeOfDay(cursor: Cursor): number {
  const hour = cursor.digits(2);
  cursor.exactly(':');
  const minute = cursor.digits(2);
  cursor.exactly(':');
  const second = cursor.digits(2);
  // The RFC bounds them in prose: 00:00:00 to 23:59:60, where 60 is a leap second.
  if (hour > 23 || minute > 59 || second > 60) throw new Mismatch();
  return (hour * 60 + minute) * 60 + second;
}

function imfFixdate(cursor: Cursor): Parts {
  cursor.oneOf(DAY_NAMES);
  cursor.exactly(', ');
  const day = cursor.digits(2);
  cursor.exactly(' ');
  const month = cursor.oneOf(MONTH_NAMES);
  cursor.exactly(' ');
  const year = cursor.digits(4);
  cursor.exactly(' ');
  const secondOfDay = timeOfDay(cursor);
  cursor.exactly(' GMT');
  cursor.end();
  return { year, month, day, secondOfDay };
}

function rfc850Date(cursor: Cursor): Parts {
  cursor.oneOf(LONG_DAY_NAMES);
  cursor.exactly(', ');
  const day = cursor.digits(2);
  cursor.exactly('-');
  const month = cursor.oneOf(MONTH_NAMES);
  cursor.exactly('-');
  const year = cursor.digits(2);
  cursor.exactly(' ');
  const secondOfDay = timeOfDay(cursor);
  cursor.exactly(' GMT');
  cursor.end();
  return { year, month, day, secondOfDay };
}

function asctimeDate(cursor: Cursor): Parts {
  cursor.oneOf(DAY_NAMES);
  cursor.exactly(' ');
  const month = cursor.oneOf(MONTH_NAMES);
  cursor.exactly(' ');
  const day = cursor.paddedDay();
  cursor.exactly(' ');
  const secondOfDay = timeOfDay(cursor);
  cursor.exactly(' ');
  const year = cursor.digits(4);
  cursor.end();
  return { year, month, day, secondOfDay };
}

function isLeap(year: number): boolean {
  return year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0);
}

function monthDays(year: number, month: number): number {
  return [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]!;
}

const daysBefore: number[] = [0];

/** Returns the days from 1 January of the year 0 to 1 January of this year, in the Gregorian calendar. */
function daysBeforeYear(year: number): number {
  for (let y = daysBefore.length; y <= year; y += 1) daysBefore[y] = daysBefore[y - 1]! + (isLeap(y - 1) ? 366 : 365);
  return daysBefore[year]!;
}

/** Returns the ms since the epoch, counted day by day, or `undefined` if the month has no such day. */
function toTimestamp({ year, month, day, secondOfDay }: Parts): number | undefined {
  if (day < 1 || day > monthDays(year, month)) return undefined;
  let days = daysBeforeYear(year) - daysBeforeYear(1970) + day - 1;
  for (let m = 0; m < month; m += 1) days += monthDays(year, m);
  return (days * 86_400 + secondOfDay) * 1000;
}

/** Adds 50 calendar years, to the same day and time; from 29 February to 1 March if the year has no 29 February. */
function inFiftyYears(now: number): number {
  const wholeDays = Math.floor(now / 86_400_000);
  let year = 0;
  while (daysBeforeYear(year + 1) - daysBeforeYear(1970) <= wholeDays) year += 1;
  return now + (daysBeforeYear(year + 50) - daysBeforeYear(year) + leapShift(year, wholeDays)) * 86_400_000;
}

/** Returns the shift, in days, of a date after February if only one of the two years is a leap year. */
function leapShift(year: number, wholeDay: number): number {
  const dayOfYear = wholeDay - (daysBeforeYear(year) - daysBeforeYear(1970));
  const march = 31 + (isLeap(year) ? 29 : 28);
  const target = year + 50;
  if (dayOfYear < march - (isLeap(year) ? 1 : 0)) return 0;
  if (isLeap(year) && dayOfYear === march - 1) return 0;
  return (isLeap(target) ? 1 : 0) - (isLeap(year) ? 1 : 0);
}

/**
 * Parses an HTTP date to ms since the epoch, or `undefined`. A year of two digits is the latest one that is at most 50
 * years after `now`.
 */
export function referenceHttpDate(text: string, now: number): number | undefined {
  for (const parse of [imfFixdate, rfc850Date, asctimeDate]) {
    try {
      const parts = parse(new Cursor(text));
      if (parse !== rfc850Date) return toTimestamp(parts);
      return fromTwoDigitYear(parts, now);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
    }
  }
  return undefined;
}

/**
 * Tries every year with these last two digits, from the latest back, until one has such a day and is not too far ahead.
 */
function fromTwoDigitYear(parts: Parts, now: number): number | undefined {
  const limit = inFiftyYears(now);
  for (let year = 10_100 + parts.year; year >= 0; year -= 100) {
    const at = toTimestamp({ ...parts, year });
    if (at !== undefined && at <= limit) return at;
  }
  return undefined;
}

/** Parses Retry-After to ms from `now`, or `undefined`. Its value is `delay-seconds = 1*DIGIT`, or a date. */
export function referenceRetryAfter(text: string, now: number): number | undefined {
  const value = withoutBlanks(text);
  if (value !== '' && Array.from(value).every((character) => '0123456789'.includes(character))) {
    return Number(Array.from(value).reduce((digits, digit) => (digits === '0' ? digit : digits + digit), '0')) * 1000;
  }
  const at = referenceHttpDate(value, now);
  return at === undefined ? undefined : Math.max(0, at - now);
}

/** Removes spaces and tabs around a field value (RFC 9110, section 5.5). */
function withoutBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && (text[from] === ' ' || text[from] === '\t')) from += 1;
  while (to > from && (text[to - 1] === ' ' || text[to - 1] === '\t')) to -= 1;
  return text.slice(from, to);
}
