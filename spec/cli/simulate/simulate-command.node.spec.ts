import { UsageError } from '../../../src/cli/failures/usage-error.js';
import { helpText } from '../../../src/cli/options/help-text.js';
import { readArguments } from '../../../src/cli/options/read-arguments.js';
import { PRESETS } from '../../../src/cli/simulate/presets.js';
import { scenarios } from '../../../src/simulate/scenarios.js';

const read = (line: string): unknown => readArguments(line.split(' '));

function usageError(line: string): string {
  try {
    read(line);
  } catch (error) {
    if (error instanceof UsageError) return `${error.exitCode}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('The command line of simulate', () => {
  it('has a scenario, strategies to compare, options of a strategy and outputs', () => {
    expect(read('simulate overload')).toEqual({ kind: 'simulate', scenario: 'overload', values: {} });
    expect(
      read(
        '--attempts 5 simulate ./mine.json --compare none,budget --backoff constant --initial 1s --hedge 300ms --seed 7 ' +
          '--timeout 3s --total-timeout none --json -q --html page.html',
      ),
    ).toEqual({
      kind: 'simulate',
      scenario: './mine.json',
      values: {
        attempts: 5,
        compare: ['none', 'budget'],
        backoff: 'constant',
        initial: 1_000,
        hedge: 300,
        seed: 7,
        timeout: 3_000,
        'total-timeout': false,
        json: true,
        quiet: true,
        html: 'page.html',
      },
    });
  });

  it('has one scenario, and no option of a request', () => {
    expect(usageError('simulate')).toBe('2: simulate: expected a scenario after it, such as: simulate overload');
    expect(usageError('simulate blip outage')).toBe("2: simulate: expected one scenario, got 'outage' as well");
    for (const option of ['-X GET', '-d x', '-H a:b', '-o file', '-i', '--transport undici', '--idempotency-key=k']) {
      expect(usageError(`simulate blip ${option}`)).toMatch(/^2: --\S+: simulate does not support it$/);
    }
    expect(usageError('simulate blip --compare none,,plain')).toBe(
      "2: --compare: expected names separated by commas such as none,plain,budget, got 'none,,plain'",
    );
  });

  it('gives a request and the demo none of its options', () => {
    expect(usageError('get http://a.test/ --compare none')).toBe(
      "2: --compare: expected the command simulate, got 'get'",
    );
    expect(usageError('demo --compare none')).toBe("2: demo: expected no argument after it, got '--compare'");
  });

  it('is recognized if it is mistyped, unless a URL follows: then it is a method', () => {
    expect(usageError('simulat overload')).toBe('2: simulat: no such command, did you mean simulate?');
    expect(usageError('demmo')).toBe('2: demmo: no such command, did you mean demo?');
    expect(read('simulat http://a.test/')).toEqual(jasmine.objectContaining({ kind: 'request', method: 'SIMULAT' }));
    expect(read('simulat / --base-url http://a.test/')).toEqual(jasmine.objectContaining({ method: 'SIMULAT' }));
  });

  it('is in the help, with each scenario and each strategy', () => {
    for (const name of [...Object.keys(scenarios), ...Object.keys(PRESETS)]) {
      expect(helpText()).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
    }
  });
});
