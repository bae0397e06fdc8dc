import { readSoakArguments, SoakUsageError } from './arguments.js';

describe('The arguments of a soak', () => {
  it('default to 60 s, a concurrency of 256 and a random seed', () => {
    expect(readSoakArguments([], () => 0.5)).toEqual({
      requests: Infinity,
      seconds: 60,
      concurrency: 256,
      seed: 2 ** 31,
      gates: false,
    });
  });

  it('limit the number of requests, without a limit of time', () => {
    expect(readSoakArguments(['--requests', '500', '--seed=7'])).toEqual({
      requests: 500,
      seconds: Infinity,
      concurrency: 256,
      seed: 7,
      gates: false,
    });
  });

  it('limit both, and set the concurrency', () => {
    const args = ['--requests', '500', '--seconds', '5', '--concurrency', '3', '--seed', '0'];
    expect(readSoakArguments(args)).toEqual({ requests: 500, seconds: 5, concurrency: 3, seed: 0, gates: false });
  });

  it('turn all gates on', () => {
    expect(readSoakArguments(['--gates'])).toEqual(jasmine.objectContaining({ gates: true }));
  });

  const invalid: readonly [args: readonly string[], message: RegExp][] = [
    [['--requests', '0'], /^--requests must be a whole number of at least 1, but is "0"\n/],
    [['--requests=-1'], /^--requests must be .* but is "-1"\n/],
    [['--seconds', '1.5'], /^--seconds must be .* but is "1\.5"\n/],
    [['--seconds', ''], /^--seconds must be .* but is ""\n/],
    [['--concurrency', '10001'], /^--concurrency must be a whole number from 1 to 10000, but is "10001"\n/],
    [['--seed', 'x'], /^--seed must be a whole number from 0 to 4294967295, but is "x"\n/],
    [['--seed', '4294967296'], /^--seed must be .* but is "4294967296"\n/],
    [['--reqests', '5'], /--reqests/],
    [['5'], /5/],
    [['--requests'], /--requests/],
  ];
  for (const [args, message] of invalid) {
    it(`are rejected with a reason and the usage: ${JSON.stringify(args)}`, () => {
      const read = (): unknown => readSoakArguments(args);
      expect(read).toThrowError(SoakUsageError, message);
      expect(read).toThrowError(SoakUsageError, /\nUsage: npm run soak/);
    });
  }
});
