import { readFile } from 'node:fs/promises';

import { judge, readBudget } from '../../bench/budget.js';

const BUDGET = readBudget(`{
  "size": { "unit": "bytes", "target": 6144, "limit": 6144 },
  "speed": { "unit": "ratio", "target": 1.3, "limit": 1.8 }
}`);

describe('The budget of the benchmarks', () => {
  it('is kept by what is at its limit', () => {
    const { table, over } = judge(BUDGET, { size: 6144, speed: 1.3 });
    expect(over).toEqual([]);
    expect(table.rows).toEqual([
      ['size', '6144 bytes', '6144 bytes', '6144 bytes', 'good'],
      ['speed', '1.30', '1.30', '1.80', 'good'],
    ]);
  });

  it('is kept between target and limit, but that is said', () => {
    const { table, over } = judge(BUDGET, { size: 1, speed: 1.5 });
    expect(over).toEqual([]);
    expect(table.rows[1]).toEqual(['speed', '1.50', '1.30', '1.80', 'above the target']);
  });

  it('is not kept by what is over its limit: by which, and by how much', () => {
    const { table, over } = judge(BUDGET, { size: 6145, speed: 3.6 });
    expect(over).toEqual([
      'size is 6145 bytes: 0.0 % over its limit of 6144 bytes.',
      'speed is 3.60: 100 % over its limit of 1.80.',
    ]);
    expect(table.rows.map((row) => row[4])).toEqual(['over', 'over']);
  });

  it('needs a measurement of everything, and measurements need a budget: else nothing would ever be over', () => {
    expect(() => judge(BUDGET, { size: 1 })).toThrowError('"speed" has a budget, but was not measured.');
    expect(() => judge(BUDGET, { size: 1, speed: NaN })).toThrowError('"speed" has a budget, but was not measured.');
    expect(() => judge(BUDGET, { size: 1, speed: 1, heap: 1 })).toThrowError('"heap" was measured, but has no budget.');
  });

  const malformed: readonly [text: string, message: RegExp][] = [
    ['[]', /must be an object of allowances/],
    ['{ "size": 6144 }', /The budget of "size" must be an object/],
    [
      '{ "size": { "unit": "ms", "target": 1, "limit": 1 } }',
      /The unit of "size" must be "bytes" or "ratio", but is "ms"/,
    ],
    ['{ "size": { "unit": "bytes", "target": 1 } }', /The limit of "size" must be a number above 0, but is undefined/],
    [
      '{ "size": { "unit": "bytes", "target": "1", "limit": 1 } }',
      /The target of "size" must be a number above 0, but is "1"/,
    ],
  ];
  for (const [text, message] of malformed) {
    it(`is refused where it compares with nothing: ${text}`, () => {
      expect(() => readBudget(text)).toThrowError(TypeError, message);
    });
  }

  it('of the project can be read, aims for 6 KB and 1.6 KB, and has no limit below what is aimed for', async () => {
    const budget = readBudget(await readFile(new URL('../../bench/budget.json', import.meta.url), 'utf8'));
    const limits = Object.values(budget).map(({ limit }) => limit);
    expect(limits.every((limit) => limit > 0)).toBeTrue();
    expect(budget['size of import { RetryClient }']!.target).toBe(6 * 1024);
    expect(budget['size of import { retryWithStrategy, exponential }']!.target).toBe(Math.floor(1.6 * 1024));
    for (const { target, limit } of Object.values(budget)) expect(limit).toBeGreaterThanOrEqual(target);
  });
});
