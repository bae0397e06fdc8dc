import { NEIGHBOURHOODS } from '../../bench/defaults/neighbourhoods.js';
import { rankOf, scoreAll } from '../../bench/defaults/score.js';
import { SITUATIONS } from '../../bench/defaults/situations.js';
import { simulate } from '../../src/simulate/index.js';

describe('The table of the defaults', () => {
  it('takes for a default what a strategy does without the option', () => {
    const wrong = NEIGHBOURHOODS.filter(({ byDefault, candidates, withoutOption }) => {
      if (byDefault === undefined) return false;
      const candidate = candidates[byDefault];
      return (
        !candidate ||
        !withoutOption ||
        ['metastable', 'outage'].some((name) => {
          const scenario = { ...SITUATIONS[name]!.scenario, duration: name === 'outage' ? 14_000 : 28_000 };
          const { one, other } = simulate(scenario, { one: candidate, other: withoutOption });
          return JSON.stringify(one) !== JSON.stringify(other);
        })
      );
    });
    expect(wrong.map(({ option }) => option)).toEqual([]);
  });

  it('counts a point for each percentage point of success, ten for twice the load, and one for twice the p99', () => {
    const scores = scoreAll({
      best: { a: { success: 1, load: 1, p99: 100 } },
      worse: { a: { success: 0.95, load: 2, p99: 200 } },
    });
    expect(scores.best?.penalty).toBe(0);
    expect(scores.worse?.penalty).toBeCloseTo(16, 10);
  });

  it('compares with the best of each scenario, and takes the mean of all', () => {
    const scores = scoreAll({
      one: { a: { success: 1, load: 1, p99: 100 }, b: { success: 0.5, load: 1, p99: 100 } },
      other: { a: { success: 0.9, load: 1, p99: 100 }, b: { success: 0.7, load: 1, p99: 100 } },
    });
    expect(scores.one?.penalty).toBeCloseTo(10, 10);
    expect(scores.other?.penalty).toBeCloseTo(5, 10);
    expect(scores.one?.penalties.b).toBeCloseTo(20, 10);
  });

  it('ranks as first what is at most half a point behind the best', () => {
    const scores = {
      a: { penalty: 1, penalties: {} },
      b: { penalty: 1.5, penalties: {} },
      c: { penalty: 1.6, penalties: {} },
    };
    expect(Object.keys(scores).map((name) => rankOf(name, scores))).toEqual([1, 1, 3]);
  });
});
