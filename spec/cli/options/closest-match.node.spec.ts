import { closestMatch } from '../../../src/cli/options/closest-match.js';

describe('closestMatch', () => {
  it('returns the closest candidate, or undefined if none is close', () => {
    expect(closestMatch('--atempts', ['--timeout', '--attempts'])).toBe('--attempts');
    expect(closestMatch('--zebra', ['--timeout', '--attempts'])).toBeUndefined();
  });
});
