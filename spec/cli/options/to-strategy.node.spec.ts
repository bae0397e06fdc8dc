import { readArguments } from '../../../src/cli/options/read-arguments.js';
import { toStrategy } from '../../../src/cli/options/to-strategy.js';
import { HttpNetworkError, HttpTimeoutError, type BackoffContext, type RetryStrategy } from '../../../src/index.js';
import { seededRandom } from '../../../src/util/seeded-random.js';

function strategy(line: string): RetryStrategy {
  const command = readArguments(['get', 'http://a.test/', ...line.split(' ').filter((word) => word !== '')]);
  return toStrategy(command.kind === 'request' ? command.values : {});
}

/** Computes the first four delays of a backoff with a constant random number. */
function waits(line: string, random = 0.5): number[] {
  const { backoff } = strategy(line);
  const delays: number[] = [];
  const attempt = { number: 1, of: 9, requestId: 'r', startedAt: 0 };
  for (let retry = 1; retry <= 4; retry += 1) {
    const context: BackoffContext = {
      retry,
      previousDelay: delays.at(-1) ?? 0,
      random: () => random,
      outcome: { attempt, kind: 'error', error: undefined },
    };
    delays.push(backoff?.(context) ?? NaN);
  }
  return delays;
}

describe('toStrategy', () => {
  it('leaves the defaults to the client', () => {
    expect(strategy('')).toEqual({});
  });

  it('sets a field for every option that was given', () => {
    expect(
      strategy(
        '--attempts 5 --methods GET --statuses none --no-retry-server-errors --errors network,timeout --max-retry-after 0 --rotation hold',
      ),
    ).toEqual({
      attempts: 5,
      methods: ['GET'],
      statuses: [],
      retryAllServerErrors: false,
      errors: [HttpNetworkError, HttpTimeoutError],
      maxRetryAfter: 0,
      rotation: 'hold',
    });
  });

  it('makes each backoff with its options', () => {
    expect(waits('--backoff constant --initial 1s')).toEqual([1000, 1000, 1000, 1000]);
    expect(waits('--backoff exponential --initial 10 --factor 3 --max 100 --jitter none')).toEqual([10, 30, 90, 100]);
    expect(waits('--backoff fibonacci --initial 10 --max 1s --jitter none')).toEqual([10, 20, 30, 50]);
    expect(waits('--backoff random --min 100 --max 200')).toEqual([150, 150, 150, 150]);
    expect(waits('--backoff list --delays 1,2s,3')).toEqual([1, 2000, 3, 3]);
    expect(waits('--backoff jitter --initial 10 --interval 100')).toEqual([60, 70, 90, 130]);
    expect(waits('--backoff decorrelated --initial 100')).toEqual([200, 350, 575, 912.5]);
  });

  it('applies full jitter to exponential and fibonacci by default, and no jitter to other backoffs', () => {
    expect(waits('--initial 100')).toEqual([50, 100, 200, 400]);
    expect(waits('--backoff fibonacci', 0)).toEqual([0, 0, 0, 0]);
    expect(waits('--jitter equal')).toEqual([75, 150, 300, 600]);
    expect(waits('--backoff constant --jitter full', 0.25)).toEqual([25, 25, 25, 25]);
    expect(strategy('--backoff list --delays 1,2,3').backoff?.attempts).toBe(4);
  });

  it('rejects options of another backoff, and a list without delays', () => {
    expect(() => strategy('--backoff constant --factor 3')).toThrowError(
      '--factor: --backoff constant does not support it, only --initial',
    );
    expect(() => strategy('--delays 1,2')).toThrowError(
      '--delays: --backoff exponential does not support it, only --initial, --factor, --max',
    );
    expect(() => strategy('--backoff list')).toThrowError(
      '--backoff list: expected --delays with at least one duration',
    );
  });

  it('makes random waits reproducible with a seed', () => {
    const numbers = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));

    expect(numbers(42)).toEqual(numbers(42));
    expect(numbers(42)).not.toEqual(numbers(43));
    expect(Math.min(...numbers(42))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers(42))).toBeLessThan(1);
    expect(strategy('--seed 42').random?.()).toBe(numbers(42)[0]);
  });
});
