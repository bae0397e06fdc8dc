import * as fc from 'fast-check';

import { parseHttpDate, parseRetryAfter, retryAfter } from '../../src/http/retry-after.js';
import { slowHttpDate, slowRetryAfter } from './reference-http-date.js';

const SHORT = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const LONG = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (number: number): string => String(number).padStart(2, '0');

/** A date in one of the three forms; its parts may be one too many, or the 30th of February. */
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

/** A text with one thing changed: a character gone, doubled or replaced, an end cut off, blanks around, upper or lower case. */
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

/** From 1970 to about 2130, which is where clocks are. */
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

/** A field value never has these around it that a header cannot hold: what trim() takes away besides blanks. */
const carriable = (text: string): boolean =>
  !Array.from(text).some((character) => '\0\r\n'.includes(character) || character.charCodeAt(0) > 255) &&
  !/^[\v\f\u00a0]|[\v\f\u00a0]$/.test(text.replace(/^[ \t]+|[ \t]+$/g, ''));

describe('Reading Retry-After', () => {
  it('agrees with a slow reading of RFC 9110 about every date, in all its forms', () => {
    fc.assert(
      fc.property(date, now, (text, at) => {
        return parseHttpDate(text, at) === slowHttpDate(text, at);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes a leap day to be in the latest year that has one, where the year 2100 has none', () => {
    const at = Date.UTC(2050, 0, 10);
    expect(slowHttpDate('Tuesday, 29-Feb-00 00:00:00 GMT', at)).toBe(Date.UTC(2000, 1, 29));
    expect(parseHttpDate('Tuesday, 29-Feb-00 00:00:00 GMT', at)).toBe(Date.UTC(2000, 1, 29));
  });

  it('agrees with it about dates and seconds that are almost right', () => {
    fc.assert(
      fc.property(mutated.filter(carriable), now, (text, at) =>
        Object.is(parseRetryAfter(text, at), slowRetryAfter(text, at)),
      ),
      { numRuns: 1000 },
    );
  });

  it('agrees with it about any text whatever, and throws at none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), now, (text, at) => {
        const read = parseRetryAfter(text, at);
        return !carriable(text) || Object.is(read, slowRetryAfter(text, at));
      }),
      { numRuns: 500 },
    );
  });

  it('gives nothing, or a wait that is no less than 0, whatever a library calls headers', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.anything()), fc.oneof(mutated, fc.anything()), now, (value, own, at) => {
        const wait = retryAfter((name) => (name === 'retry-after' ? value : own) as string | null, at);
        return wait === undefined || wait >= 0;
      }),
      { numRuns: 500 },
    );
  });

  it("measures a date against the response's own, so that a wrong clock waits the right time", () => {
    fc.assert(
      fc.property(date, date, now, (value, own, at) => {
        const base = slowHttpDate(own, at) ?? at;
        // Far from now there may be no leap year among those that end in two digits.
        fc.pre(base > Date.UTC(1950, 0, 1) && base < Date.UTC(2130, 0, 1));
        return Object.is(
          retryAfter((name) => (name === 'retry-after' ? value : own), at),
          slowRetryAfter(value, base),
        );
      }),
      { numRuns: 500 },
    );
  });
});
