import * as fc from 'fast-check';

import { parseRetryAfter } from '../../src/http/retry-after.js';

/** Sunday, 6 November 1994, 08:49:37 GMT: the moment of the examples in RFC 9110. */
const moment = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('parseRetryAfter', () => {
  it('reads whole seconds as milliseconds, whatever the time is', () => {
    expect(parseRetryAfter('120', 0)).toBe(120_000);
    expect(parseRetryAfter('120', moment)).toBe(120_000);
    expect(parseRetryAfter('0', moment)).toBe(0);
    expect(parseRetryAfter('007', moment)).toBe(7_000);
  });

  it('reads a number of seconds beyond any timer as a wait beyond any patience', () => {
    expect(parseRetryAfter('99999999999999999999', moment)).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  it('is undefined without the header', () => {
    expect(parseRetryAfter(null, moment)).toBeUndefined();
  });

  it('reads a date in the form of today', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', moment - 60_000)).toBe(60_000);
  });

  it('reads a date in the form of RFC 850', () => {
    expect(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', moment - 60_000)).toBe(60_000);
  });

  it('reads a date in the form of asctime, which is in GMT wherever it is read', () => {
    expect(parseRetryAfter('Sun Nov  6 08:49:37 1994', moment - 60_000)).toBe(60_000);
    expect(parseRetryAfter('Wed Nov 16 08:49:37 1994', moment)).toBe(10 * 24 * 3_600_000);
  });

  it('reads every month in every form', () => {
    const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
    const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
    const now = Date.UTC(2030, 0, 1);
    for (const [index, month] of months.entries()) {
      const at = Date.UTC(2030, index, 15, 1, 2, 3);
      const weekday = weekdays[new Date(at).getUTCDay()] ?? '';
      const short = weekday.slice(0, 3);
      expect(parseRetryAfter(`${short}, 15 ${month} 2030 01:02:03 GMT`, now)).toBe(at - now);
      expect(parseRetryAfter(`${weekday}, 15-${month}-30 01:02:03 GMT`, now)).toBe(at - now);
      expect(parseRetryAfter(`${short} ${month} 15 01:02:03 2030`, now)).toBe(at - now);
    }
  });

  it('takes a two-digit year to be within 50 years from now, and else the last one that ended so', () => {
    const newYear = Date.UTC(2000, 0, 1);
    expect(parseRetryAfter('Saturday, 01-Jan-00 00:00:00 GMT', newYear - 10_000)).toBe(10_000);
    expect(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(2024, 0, 1))).toBe(0);
    expect(parseRetryAfter('Friday, 01-Jan-60 00:00:00 GMT', Date.UTC(2059, 11, 31, 23, 59, 59))).toBe(1_000);
    // Only more than 50 years ahead counts as the past.
    const inFifty = Date.UTC(1994, 10, 6, 8, 49, 37) - Date.UTC(1944, 10, 6, 8, 49, 37);
    expect(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1944, 10, 6, 8, 49, 37))).toBe(inFifty);
    expect(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1944, 10, 6, 8, 49, 36))).toBe(0);
  });

  it('knows leap days and leap seconds', () => {
    expect(parseRetryAfter('Thu, 29 Feb 2024 00:00:00 GMT', Date.UTC(2024, 1, 28))).toBe(24 * 3_600_000);
    expect(parseRetryAfter('Sat, 31 Dec 2016 23:59:60 GMT', Date.UTC(2016, 11, 31, 23, 59, 50))).toBe(10_000);
  });

  it('asks for no wait if the date has passed', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', moment + 5_000)).toBe(0);
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', moment)).toBe(0);
  });

  it('keeps the fraction of the second that is now, so that no retry comes early', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', moment - 1_999)).toBe(1_999);
  });

  for (const malformed of [
    'Sun,  6 Nov 1994 08:49:37 GMT',
    'Sunday,  6-Nov-94 08:49:37 GMT',
    '',
    ' ',
    '1e3',
    '-1',
    '+1',
    '1.5',
    '1,5',
    '120s',
    '120 seconds',
    '1 2',
    '0x10',
    '1_000',
    '١٢',
    'Infinity',
    'NaN',
    'soon',
    '120, 120',
    'Sun',
    '6 Nov 1994',
    '2030-01-01T00:00:00Z',
    '2030-01-01',
    'Tue Jan 01 2030 00:00:00 GMT+0100',
    '1 January 2030',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 CET',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    'Sun, 06 Nov 1994 08:49 GMT',
    'Sun, 6 Nov 94',
    'Sun, 06 Now 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    'Sun, 06 Nov 1994 08:60:37 GMT',
    'Thu, 30 Feb 2034 00:00:00 GMT',
    'Sun, 00 Nov 2034 00:00:00 GMT',
    'Sun, 32 Jan 2034 00:00:00 GMT',
    'Sun, 06 Nov 2034 08:49:37 GMT and more',
    'Sun Nov 31 08:49:37 2034',
  ]) {
    it(`ignores ${JSON.stringify(malformed)}`, () => {
      expect(parseRetryAfter(malformed, moment)).toBeUndefined();
    });
  }

  it('reads back every date that a server writes', () => {
    const anyDate = fc.property(
      fc.integer({ min: 0, max: 4_000_000_000 }),
      fc.integer({ min: 0, max: 1_000_000_000 }),
      (seconds, wait) => {
        const now = seconds * 1_000;
        return parseRetryAfter(new Date(now + wait * 1_000).toUTCString(), now) === wait * 1_000;
      },
    );
    expect(() => {
      fc.assert(anyDate);
    }).not.toThrow();
  });

  it('gives a wait from 0 up or nothing, whatever it is given', () => {
    const anyText = fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789 SunNov:,-GMT.e+')) }),
      (text) => {
        const wait = parseRetryAfter(text, moment);
        return wait === undefined || wait >= 0;
      },
    );
    expect(() => {
      fc.assert(anyText);
    }).not.toThrow();
  });
});
