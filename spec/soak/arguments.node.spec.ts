import { readSoakArguments, SoakUsageError } from './arguments.js';

describe('The arguments of a soak', () => {
  it('are for a minute, 256 at a time, of a random seed, when there are none', () => {
    expect(readSoakArguments([], () => 0.5)).toEqual({
      requests: Infinity,
      seconds: 60,
      concurrency: 256,
      seed: 2 ** 31,
    });
  });

  it('are for as many requests as are wanted, however long these take', () => {
    expect(readSoakArguments(['--requests', '500', '--seed=7'])).toEqual({
      requests: 500,
      seconds: Infinity,
      concurrency: 256,
      seed: 7,
    });
  });

  it('may bound both, and say how many at a time', () => {
    const args = ['--requests', '500', '--seconds', '5', '--concurrency', '3', '--seed', '0'];
    expect(readSoakArguments(args)).toEqual({ requests: 500, seconds: 5, concurrency: 3, seed: 0 });
  });

  const refused: readonly [args: readonly string[], message: RegExp][] = [
    [['--requests', '0'], /^--requests must be a whole number of at least 1, but is "0"\./],
    [['--requests=-1'], /^--requests must be .* but is "-1"\./],
    [['--seconds', '1.5'], /^--seconds must be .* but is "1\.5"\./],
    [['--seconds', ''], /^--seconds must be .* but is ""\./],
    [['--concurrency', '10001'], /^--concurrency must be a whole number from 1 to 10000, but is "10001"\./],
    [['--seed', 'x'], /^--seed must be a whole number from 0 to 4294967295, but is "x"\./],
    [['--seed', '4294967296'], /^--seed must be .* but is "4294967296"\./],
    [['--reqests', '5'], /--reqests/],
    [['5'], /5/],
    [['--requests'], /--requests/],
  ];
  for (const [args, message] of refused) {
    it(`are refused with a reason and the usage: ${JSON.stringify(args)}`, () => {
      const read = (): unknown => readSoakArguments(args);
      expect(read).toThrowError(SoakUsageError, message);
      expect(read).toThrowError(SoakUsageError, /\nUsage: npm run soak/);
    });
  }
});
