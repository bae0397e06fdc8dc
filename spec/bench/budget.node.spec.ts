import { readFile } from 'node:fs/promises';

import { checkBudget, readBudget } from '../../bench/budget.js';

const BUDGET = readBudget(`{
  "size": { "unit": "bytes", "target": 6144, "limit": 6144 },
  "speed": { "unit": "ratio", "target": 1.3, "limit": 1.8 }
}`);

describe('The budget of the benchmarks', () => {
  it('is met by values at their limit', () => {
    const { table, exceeded } = checkBudget(BUDGET, { size: 6144, speed: 1.3 });
    expect(exceeded).toEqual([]);
    expect(table.rows).toEqual([
      ['size', '6144 bytes', '6144 bytes', '6144 bytes', 'good'],
      ['speed', '1.30', '1.30', '1.80', 'good'],
    ]);
  });

  it('is met by a value between target and limit, which is reported', () => {
    const { table, exceeded } = checkBudget(BUDGET, { size: 1, speed: 1.5 });
    expect(exceeded).toEqual([]);
    expect(table.rows[1]).toEqual(['speed', '1.50', '1.30', '1.80', 'above the target']);
  });

  it('is exceeded by a value over its limit, and the report says by how much', () => {
    const { table, exceeded } = checkBudget(BUDGET, { size: 6145, speed: 3.6 });
    expect(exceeded).toEqual([
      'size is 6145 bytes: 0.0 % over its limit of 6144 bytes',
      'speed is 3.60: 100 % over its limit of 1.80',
    ]);
    expect(table.rows.map((row) => row[4])).toEqual(['over', 'over']);
  });

  it('needs a measurement for every allowance, and an allowance for every measurement', () => {
    expect(() => checkBudget(BUDGET, { size: 1 })).toThrowError('"speed" has a budget, but was not measured');
    expect(() => checkBudget(BUDGET, { size: 1, speed: NaN })).toThrowError(
      '"speed" has a budget, but was not measured',
    );
    expect(() => checkBudget(BUDGET, { size: 1, speed: 1, heap: 1 })).toThrowError(
      '"heap" was measured, but has no budget',
    );
  });

  const malformed: readonly [text: string, message: RegExp][] = [
    ['[]', /must be an object of allowances/],
    ['{ "size": 6144 }', /the budget of "size" must be an object/],
    [
      '{ "size": { "unit": "ms", "target": 1, "limit": 1 } }',
      /the unit of "size" must be "bytes", "ratio" or "s", but is "ms"/,
    ],
    ['{ "size": { "unit": "bytes", "target": 1 } }', /the limit of "size" must be a number above 0, but is undefined/],
    [
      '{ "size": { "unit": "bytes", "target": "1", "limit": 1 } }',
      /the target of "size" must be a number above 0, but is "1"/,
    ],
  ];
  for (const [text, message] of malformed) {
    it(`is rejected if a value is not a number above 0: ${text}`, () => {
      expect(() => readBudget(text)).toThrowError(TypeError, message);
    });
  }

  it('of the project is valid, has targets of 6 KiB and 1.6 KiB, and no limit below its target', async () => {
    const budget = readBudget(await readFile(new URL('../../bench/budget.json', import.meta.url), 'utf8'));
    const limits = Object.values(budget).map(({ limit }) => limit);
    expect(limits.every((limit) => limit > 0)).toBeTrue();
    expect(budget['size of import { RetryClient }']!.target).toBe(6 * 1024);
    expect(budget['size of import { retryWithStrategy, exponential }']!.target).toBe(Math.floor(1.6 * 1024));
    for (const { target, limit } of Object.values(budget)) expect(limit).toBeGreaterThanOrEqual(target);
  });
});
