import { judge } from './smoke/judge.js';
import { known, runtimes } from './smoke/known.js';
import { table, tableOfPage } from './smoke/table.js';

describe('The table of what runtimes cannot do', () => {
  it('is the one in docs/platforms.md (or write it with `node spec/runtimes/smoke/table.js --write`)', () => {
    expect(tableOfPage().trim()).toBe(table().trim());
  });

  it('names runtimes that there are, and lists each check once for each of them', () => {
    const entries = known.flatMap((row) =>
      row.runtimes.flatMap((name) => row.checks.map((check) => `${name} ${check}`)),
    );

    expect(known.flatMap((row) => row.runtimes).filter((name) => !runtimes.includes(name))).toEqual([]);
    expect(entries.filter((entry, index) => entries.indexOf(entry) !== index)).toEqual([]);
  });
});

describe('The judgement of a run of the checks', () => {
  const row = known.find(({ says }) => says)!;
  const [runtime] = row.runtimes as [string];
  const [check] = row.checks as [string];

  it('finds a check that fails and is not listed', () => {
    expect(judge(runtime, [{ name: 'tea', error: 'cold' }], true)).toEqual([`${runtime} fails "tea": cold`]);
    expect(judge(runtime, [{ name: 'tea' }], true)).toEqual([]);
  });

  it('finds a check that is listed and passes', () => {
    expect(judge(runtime, [{ name: check }], true)).toEqual([
      `${runtime} passes "${check}", and known.js says that it cannot`,
    ]);
  });

  it('finds a listed check that fails in other words than it should', () => {
    expect(judge(runtime, [{ name: check, error: 'cold' }], true)[0]).toContain('but: cold');
  });

  it('finds a listed check that does not exist', () => {
    expect(judge(runtime, [])).toContain(`there is no check "${check}", which known.js lists for ${runtime}`);
  });
});
