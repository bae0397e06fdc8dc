import * as fc from 'fast-check';

import { parseHttpDate, parseRetryAfter, retryAfter } from '../../src/http/retry-after.js';
import { referenceHttpDate, referenceRetryAfter } from './reference-http-date.js';

const SHORT = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const LONG = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (number: number): string => String(number).padStart(2, '0');

/** A date in one of the three forms. Its parts may be out of range, such as 30 February. */
const date = fc
  .record({
    form: fc.constantFrom('imf', 'rfc850', 'asctime', 'asctime with a zero'),
    weekday: fc.nat(6),
    day: fc.oneof(
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 28 }) },
      fc.integer({ min: 0, max: 33 }),
      fc.constantFrom(28, 29, 30, 31),
    ),
    month: fc.oneof(fc.nat(11), fc.constant(1)),
    year: fc.oneof(
      fc.integer({ min: 1970, max: 2120 }),
      fc.nat(9999),
      fc.constantFrom(0, 1900, 1999, 2000, 2024, 2100, 9999),
    ),
    hour: fc.oneof({ weight: 8, arbitrary: fc.nat(23) }, fc.constant(24)),
    minute: fc.oneof({ weight: 8, arbitrary: fc.nat(59) }, fc.constant(60)),
    second: fc.oneof({ weight: 8, arbitrary: fc.nat(60) }, fc.constant(61)),
  })
  .map(({ form, weekday, day, month, year, hour, minute, second }) => {
    const time = `${two(hour)}:${two(minute)}:${two(second)}`;
    const name = MONTHS[month]!;
    if (form === 'imf') return `${SHORT[weekday]!}, ${two(day)} ${name} ${String(year).padStart(4, '0')} ${time} GMT`;
    if (form === 'rfc850') return `${LONG[weekday]!}, ${two(day)}-${name}-${two(year % 100)} ${time} GMT`;
    return `${SHORT[weekday]!} ${name} ${form === 'asctime' ? String(day).padStart(2, ' ') : two(day)} ${time} ${String(year).padStart(4, '0')}`;
  });

const seconds = fc.oneof(
  fc.nat().map(String),
  fc.stringMatching(/^[0-9]{1,25}$/),
  fc.constantFrom('', '-1', '+1', '1e3', '0x10', '1.5', '1_0', '١', '00', '9'.repeat(400)),
);

/**
 * A date or number with one change: a character removed, doubled or replaced, an end cut off, blanks around, another
 * case.
 */
const mutated = fc
  .tuple(
    fc.oneof(date, seconds),
    fc.nat(),
    fc.constantFrom('drop', 'double', 'replace', 'insert', 'cut', 'lower', 'upper', 'blanks', 'swap'),
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 2 }),
      fc.constantFrom(' ', '\t', '0', '9', ':', ',', '-', '\u00a0', '\n', '\0'),
    ),
  )
  .map(([text, place, how, piece]) => {
    const at = place % (text.length + 1);
    const [before, character, rest] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)];
    switch (how) {
      case 'drop':
        return before + rest;
      case 'double':
        return before + character + character + rest;
      case 'replace':
        return before + piece + rest;
      case 'insert':
        return before + piece + character + rest;
      case 'cut':
        return before;
      case 'lower':
        return text.toLowerCase();
      case 'upper':
        return text.toUpperCase();
      case 'swap':
        return rest + character + before;
      default:
        return ` \t${text} `;
    }
  });

/** Times from 1970 to about 2130, in ms since the epoch. */
const now = fc.oneof(
  fc.integer({ min: 0, max: 5_000_000_000_000 }),
  fc.constantFrom(
    0,
    Date.UTC(1999, 11, 31, 23, 59, 59, 999),
    Date.UTC(2000, 0, 1),
    Date.UTC(2024, 1, 29),
    Date.UTC(2024, 1, 29, 23, 59, 59),
    Date.UTC(2049, 11, 31),
    Date.UTC(2050, 0, 1),
    Date.UTC(2050, 1, 28),
    Date.UTC(2050, 2, 1),
  ),
);

/**
 * Whether a header can have this value. It cannot begin or end with the characters, other than blanks, that trim()
 * removes.
 */
const isHeaderValue = (text: string): boolean =>
  !Array.from(text).some((character) => '\0\r\n'.includes(character) || character.charCodeAt(0) > 255) &&
  !/^[\v\f\u00a0]|[\v\f\u00a0]$/.test(text.replace(/^[ \t]+|[ \t]+$/g, ''));

describe('Reading Retry-After', () => {
  it('agrees with the reference implementation on every date, in all its forms', () => {
    fc.assert(
      fc.property(date, now, (text, at) => {
        return parseHttpDate(text, at) === referenceHttpDate(text, at);
      }),
      { numRuns: 1000 },
    );
  });

  it('resolves a leap day in a year of two digits to the latest leap year, since 2100 is none', () => {
    const at = Date.UTC(2050, 0, 10);
    expect(referenceHttpDate('Tuesday, 29-Feb-00 00:00:00 GMT', at)).toBe(Date.UTC(2000, 1, 29));
    expect(parseHttpDate('Tuesday, 29-Feb-00 00:00:00 GMT', at)).toBe(Date.UTC(2000, 1, 29));
  });

  it('agrees with the reference implementation on almost correct dates and seconds', () => {
    fc.assert(
      fc.property(mutated.filter(isHeaderValue), now, (text, at) =>
        Object.is(parseRetryAfter(text, at), referenceRetryAfter(text, at)),
      ),
      { numRuns: 1000 },
    );
  });

  it('agrees with the reference implementation on any text, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), now, (text, at) => {
        const read = parseRetryAfter(text, at);
        return !isHeaderValue(text) || Object.is(read, referenceRetryAfter(text, at));
      }),
      { numRuns: 500 },
    );
  });

  it('returns undefined or a delay of at least 0 ms, for any type of header values', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.anything()), fc.oneof(mutated, fc.anything()), now, (value, dateValue, at) => {
        const delay = retryAfter((name) => (name === 'retry-after' ? value : dateValue) as string | null, at);
        return delay === undefined || delay >= 0;
      }),
      { numRuns: 500 },
    );
  });

  it("measures a date against the response's Date, so that a wrong clock does not change the delay", () => {
    fc.assert(
      fc.property(date, date, now, (value, dateValue, at) => {
        const base = referenceHttpDate(dateValue, at) ?? at;
        // Far from now, no leap year may have these last two digits.
        fc.pre(base > Date.UTC(1950, 0, 1) && base < Date.UTC(2130, 0, 1));
        return Object.is(
          retryAfter((name) => (name === 'retry-after' ? value : dateValue), at),
          referenceRetryAfter(value, base),
        );
      }),
      { numRuns: 500 },
    );
  });
});
