import { formatSize, formatDuration, wrapWords } from '../../src/cli/format.js';

describe('The formatting of the command line', () => {
  it('shows durations in the unit that fits', () => {
    expect([-5, 0, 12.4, 999, 1000, 1349, 59_940, 59_960, 125_000, 3_599_600, 12_000_000].map(formatDuration)).toEqual([
      '0 ms',
      '0 ms',
      '12 ms',
      '999 ms',
      '1.0 s',
      '1.3 s',
      '59.9 s',
      '1 m 0 s',
      '2 m 5 s',
      '1 h 0 m',
      '3 h 20 m',
    ]);
  });

  it('shows sizes in decimal units', () => {
    expect([0, 999, 1000, 1234, 999_949, 999_960, 3_400_000, 2e15].map(formatSize)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '1.2 kB',
      '999.9 kB',
      '1.0 MB',
      '3.4 MB',
      '2000.0 TB',
    ]);
  });

  it('wraps a text between words', () => {
    expect(wrapWords('one two three fourteen', 9)).toEqual(['one two', 'three', 'fourteen']);
  });
});
