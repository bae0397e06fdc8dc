import { BenchUsageError, readBenchArguments, usage } from '../../bench/arguments.js';

const NAMES = ['stub', 'stub-json', 'json-1', 'json-32', 'size'];

describe('The arguments of the benchmarks', () => {
  it('default to all cases, and then write the page', () => {
    expect(readBenchArguments([], NAMES)).toEqual({ help: false, cases: NAMES, rounds: 5, write: true });
  });

  it('select cases, keep the order in which they run, and do not write the page', () => {
    expect(readBenchArguments(['--case', 'size,json-32', '--rounds', '3'], NAMES)).toEqual({
      help: false,
      cases: ['json-32', 'size'],
      rounds: 3,
      write: false,
    });
  });

  it('select several cases by the beginning of their names', () => {
    expect(readBenchArguments(['--case=json', '--case=size'], NAMES).cases).toEqual(['json-1', 'json-32', 'size']);
  });

  it('write the page, or not, for any cases', () => {
    expect(readBenchArguments(['--case', 'size', '--write'], NAMES).write).toBeTrue();
    expect(readBenchArguments(['--no-write'], NAMES).write).toBeFalse();
  });

  const invalid: readonly [args: readonly string[], message: RegExp][] = [
    [['--case', 'stub,sise'], /^unknown case "sise"; known cases: stub, stub-json, json-1, json-32, size$/],
    [['--case', 'stub,'], /^unknown case "";/],
    [['--case', 'js'], /^unknown case "js";/],
    [['--case'], /--case/],
    [['--rounds', '0'], /^--rounds must be a whole number from 1 to 1000, but is "0"$/],
    [['--rounds', '1.5'], /but is "1\.5"/],
    [['--rounds', '1001'], /but is "1001"/],
    [['--rouns', '3'], /--rouns/],
    [['stub'], /stub/],
  ];
  for (const [args, message] of invalid) {
    it(`are rejected with a reason: ${JSON.stringify(args)}`, () => {
      expect(() => readBenchArguments(args, NAMES)).toThrowError(BenchUsageError, message);
    });
  }

  it('have a help text that lists every option and case', () => {
    expect(readBenchArguments(['-h'], NAMES).help).toBeTrue();
    const text = usage([
      { name: 'stub', title: 'No network' },
      { name: 'json-32', title: 'Small JSON' },
    ]);
    expect(text).toContain('  stub     No network\n  json-32  Small JSON');
    for (const option of ['--case', '--rounds', '--write', '--help']) expect(text).toContain(`  ${option} `);
  });
});
