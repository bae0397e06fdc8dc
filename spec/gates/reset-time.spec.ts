import { parseReset, plausibleRetryAfter } from '../../src/gates/reset-time.js';

/** The time of the response: 1 July 2013, 17:27:06 GMT, as in an example of GitHub's documentation. */
const TIME = Date.UTC(2013, 6, 1, 17, 27, 6);
const DAY = 24 * 60 * 60 * 1000;

describe('parseReset', () => {
  const delays: Record<string, readonly [reset: string, delay: number | undefined][]> = {
    'a duration in seconds': [
      ['0', 0],
      ['30', 30_000],
      ['2513', 2_513_000],
      [' 7 ', 7_000],
      ['1.5', 1_500],
      ['0.001', 1],
      [String((31 * DAY) / 1000), 31 * DAY],
    ],
    'seconds since the epoch, as GitHub sends them': [
      ['1372700873', 1372700873_000 - TIME],
      ['1372699626.250', 250],
      ['1372699626', 0],
    ],
    'a moment that is over, which is no delay (coral #89)': [
      ['1372699000', 0],
      ['1000000000', 0],
      ['1372699000000', 0],
    ],
    'ms, µs and ns since the epoch': [
      ['1372699631000', 5_000],
      ['1372699631000000', 5_000],
      ['1372699631000000000', 5_000],
    ],
    'a duration of Go, as OpenAI sends it': [
      ['12ms', 12],
      ['6m0s', 360_000],
      ['1s', 1_000],
      ['8.64s', 8_640],
      ['1h2m3s', 3_723_000],
      ['1m2.5s', 62_500],
      ['2d', 2 * DAY],
      ['0s', 0],
    ],
    'a date of RFC 3339, as Anthropic sends it': [
      ['2013-07-01T17:27:16Z', 10_000],
      ['2013-07-01T19:27:16+02:00', 10_000],
      ['2013-07-01T17:27:06.5Z', 500],
      ['2013-07-01T17:00:00Z', 0],
    ],
    'a date of HTTP': [
      ['Mon, 01 Jul 2013 17:27:36 GMT', 30_000],
      ['Monday, 01-Jul-13 17:27:36 GMT', 30_000],
      ['Mon Jul  1 17:27:36 2013', 30_000],
      ['Mon, 01 Jul 2013 17:27:00 GMT', 0],
    ],
    'no time more than 31 days away': [
      [String((31 * DAY) / 1000 + 1), undefined],
      ['20130702', undefined],
      ['150933900', undefined],
      ['999999999', undefined],
      ['4102444800', undefined],
      ['99999999999', undefined],
      ['99999999999999999999', undefined],
      ['9999-12-31T23:59:59Z', undefined],
      ['Fri, 31 Dec 9999 23:59:59 GMT', undefined],
      ['999999999h', undefined],
    ],
    'nothing else': [
      ['', undefined],
      ['-1', undefined],
      ['+5', undefined],
      ['1e3', undefined],
      ['0x10', undefined],
      ['1,5', undefined],
      ['5 s', undefined],
      ['5x', undefined],
      ['5s!', undefined],
      ['s', undefined],
      ['.5', undefined],
      ['NaN', undefined],
      ['Infinity', undefined],
      ['30, 40', undefined],
      ['2013-07-01', undefined],
      ['2013-07-01T17:27:16', undefined],
      ['2013-07-01 17:27:16', undefined],
      ['2013-13-01T17:27:16Z', undefined],
      ['Tue Feb 16 2021 09:02:42 GMT+0100 (Central European Standard Time)', undefined],
      ['111111111111111111111', undefined],
    ],
  };
  for (const [kind, cases] of Object.entries(delays)) {
    for (const [reset, delay] of cases) {
      it(`reads ${kind}: ${reset}`, () => {
        expect(parseReset(reset, TIME)).toBe(delay);
      });
    }
  }

  it('takes linear time', () => {
    for (const piece of ['1', '1m', '1.', ' ', '1m1']) {
      const before = performance.now();
      parseReset(piece.repeat(100_000), TIME);
      parseReset(`${piece.repeat(100_000)}!`, TIME);
      expect(performance.now() - before).toBeLessThan(2_000);
    }
  });
});

describe('plausibleRetryAfter', () => {
  it('leaves a delay as it is', () => {
    expect([0, 1, 30_000, 31 * DAY].map((delay) => plausibleRetryAfter(delay, TIME))).toEqual([0, 1, 30_000, 31 * DAY]);
  });

  it('ignores a delay of more than 31 days', () => {
    expect([31 * DAY + 1, 1e11, Infinity].map((delay) => plausibleRetryAfter(delay, TIME))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('takes seconds since the epoch for the moment that they are (clawhub #407)', () => {
    expect(plausibleRetryAfter(TIME + 5_000, TIME)).toBe(5_000);
    expect(plausibleRetryAfter((TIME + 5_000) * 1000, TIME)).toBe(5_000);
    expect(plausibleRetryAfter(TIME - 5_000, TIME)).toBe(0);
  });

  it('knows no unit smaller than ns', () => {
    expect(plausibleRetryAfter((TIME + 5_000) * 1e9, TIME)).toBe(5_000);
    expect(plausibleRetryAfter((TIME + 5_000) * 1e12, TIME)).toBeUndefined();
  });
});
