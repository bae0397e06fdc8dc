/**
 * A second reading of RFC 9110's dates and of Retry-After, for specs alone: written from the grammar, character by character and day by
 * day, so that it shares neither code nor tricks with the one in src.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7 | RFC 9110, section 5.6.7}
 */

const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const LONG_DAY_NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

class Mismatch extends Error {}

/** Reads a text from left to right; whatever is not there is a mismatch. */
class Cursor {
  #at = 0;

  constructor(readonly text: string) {}

  oneOf(words: readonly string[]): number {
    const found = words.findIndex((word) => this.text.startsWith(word, this.#at));
    if (found < 0) throw new Mismatch();
    this.#at += words[found]!.length;
    return found;
  }

  exactly(word: string): void {
    this.oneOf([word]);
  }

  digits(count: number): number {
    let number = 0;
    for (let n = 0; n < count; n += 1) {
      number = number * 10 + this.oneOf(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    }
    return number;
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
  // hour, minute and second have their bounds in prose: 00:00:00 to 23:59:60, the last of which is a leap second.
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

/** How many days there were from 1 January of the year 0 to that of this one, of the calendar that Gregory gave. */
function daysBeforeYear(year: number): number {
  for (let y = daysBefore.length; y <= year; y += 1) daysBefore[y] = daysBefore[y - 1]! + (isLeap(y - 1) ? 366 : 365);
  return daysBefore[year]!;
}

/** Milliseconds since the epoch, counted by the day; `undefined` where the month has no such day. */
function moment({ year, month, day, secondOfDay }: Parts): number | undefined {
  if (day < 1 || day > monthDays(year, month)) return undefined;
  let days = daysBeforeYear(year) - daysBeforeYear(1970) + day - 1;
  for (let m = 0; m < month; m += 1) days += monthDays(year, m);
  return (days * 86_400 + secondOfDay) * 1000;
}

/** The calendar's own fifty years, to the same day and time; from 29 February to 1 March where there is none. */
function inFiftyYears(now: number): number {
  const whole = Math.floor(now / 86_400_000);
  let year = 0;
  while (daysBeforeYear(year + 1) - daysBeforeYear(1970) <= whole) year += 1;
  return now + (daysBeforeYear(year + 50) - daysBeforeYear(year) + leapShift(year, whole)) * 86_400_000;
}

/** A day after February has moved by one where only one of the two years is a leap year. */
function leapShift(year: number, wholeDay: number): number {
  const dayOfYear = wholeDay - (daysBeforeYear(year) - daysBeforeYear(1970));
  const march = 31 + (isLeap(year) ? 29 : 28);
  const target = year + 50;
  if (dayOfYear < march - (isLeap(year) ? 1 : 0)) return 0;
  if (isLeap(year) && dayOfYear === march - 1) return 0;
  return (isLeap(target) ? 1 : 0) - (isLeap(year) ? 1 : 0);
}

/** A date of HTTP in ms since the epoch, or `undefined`; of two digits of a year the latest year at most 50 years ahead of `now`. */
export function slowHttpDate(text: string, now: number): number | undefined {
  for (const read of [imfFixdate, rfc850Date, asctimeDate]) {
    try {
      const parts = read(new Cursor(text));
      if (read !== rfc850Date) return moment(parts);
      return twoDigitMoment(parts, now);
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
    }
  }
  return undefined;
}

/** Tries every year that ends so, from the latest back to the first that has such a day and is not too far ahead. */
function twoDigitMoment(parts: Parts, now: number): number | undefined {
  const limit = inFiftyYears(now);
  for (let year = 10_100 + parts.year; year >= 0; year -= 100) {
    const at = moment({ ...parts, year });
    if (at !== undefined && at <= limit) return at;
  }
  return undefined;
}

/** Retry-After in ms from `now`, or `undefined`: `delay-seconds = 1*DIGIT`, or a date. */
export function slowRetryAfter(text: string, now: number): number | undefined {
  const value = withoutBlanks(text);
  if (value !== '' && Array.from(value).every((character) => '0123456789'.includes(character))) {
    return Number(Array.from(value).reduce((digits, digit) => (digits === '0' ? digit : digits + digit), '0')) * 1000;
  }
  const at = slowHttpDate(value, now);
  return at === undefined ? undefined : Math.max(0, at - now);
}

/** A field value knows spaces and tabs around it (RFC 9110, section 5.5). */
function withoutBlanks(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && (text[from] === ' ' || text[from] === '\t')) from += 1;
  while (to > from && (text[to - 1] === ' ' || text[to - 1] === '\t')) to -= 1;
  return text.slice(from, to);
}
