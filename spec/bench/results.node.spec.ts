import { readFile } from 'node:fs/promises';

import { allCases, PENDING, type RequestCase, STUB, withSubjects } from '../../bench/cases.js';
import { formatFigure } from '../../bench/figures.js';
import { replaceSection, markdownTable } from '../../bench/markdown.js';
import { flatnessOf, importResult, pendingResult, requestResult, sizeResult } from '../../bench/results.js';

const CASE: RequestCase = {
  kind: 'requests',
  name: 'json-1',
  title: 'Small JSON',
  network: 'server',
  path: 'json',
  concurrency: 1,
  isHeavy: false,
  baseline: 'fetch',
  subjects: [
    { name: 'fetch', module: '', entry: '', baseline: 'fetch' },
    { name: 'http', module: '', entry: '', baseline: 'http' },
    { name: 'got', module: '', entry: '', baseline: 'http' },
  ],
};

describe('The results of the benchmarks', () => {
  it('are CPU times, with ratios to the baseline of the case and to the baseline of the subject', () => {
    const { figures, table } = requestResult(
      CASE,
      new Map([
        ['fetch', [100, 100, 400]],
        ['http', [20, 20, 80]],
        ['got', [200, 210, 800]],
      ]),
    );
    expect(figures.filter(({ subject }) => subject === 'got')).toEqual([
      { case: 'json-1', subject: 'got', metric: 'cpu_us', value: 210 },
      { case: 'json-1', subject: 'got', metric: 'ratio', value: 2, to: 'fetch' },
      { case: 'json-1', subject: 'got', metric: 'ratio', value: 10, to: 'http' },
    ]);
    expect(table.columns).toEqual(['', 'µs of CPU', 'times fetch', 'times what lies under it']);
    expect(table.rows).toEqual([
      ['fetch', '100', '× 1.00', '–'],
      ['http', '20.0', '× 0.20', '–'],
      ['got', '210', '× 2.00', '× 10.00 http'],
    ]);
  });

  it('have no second ratio if all subjects have the same baseline', () => {
    const benchCase = withSubjects(STUB, ['RxJS fromFetch', 'ky']);
    const { table } = requestResult(
      benchCase,
      new Map([
        ['RxJS fromFetch', [4]],
        ['ky', [86]],
      ]),
    );
    expect(table).toEqual({
      columns: ['', 'µs of CPU', 'times RxJS fromFetch'],
      rows: [
        ['RxJS fromFetch', '4.00', '× 1.00'],
        ['ky', '86.0', '× 21.50'],
      ],
    });
  });

  it('need a measurement of every subject', () => {
    expect(() => requestResult(CASE, new Map())).toThrowError('no measurement of "fetch"');
  });

  it('of waiting requests are heap and CPU time of each, and the ratio of many to few', () => {
    const benchCase = withSubjects(PENDING, ['RxJS retry', 'p-retry']);
    const rounds = new Map([
      ['RxJS retry', [{ cpu: 20, heap: 2048 }]],
      ['p-retry', [{ cpu: 30, heap: 4096 }]],
    ]);
    const growth = new Map([['p-retry', { heap: 4096, rounds: [{ ofMany: 30, ofFew: 10 }] }]]);
    const { figures, table } = pendingResult(benchCase, rounds, growth);
    expect(table.rows[0]).toEqual(['RxJS retry', '2.00 KiB', '× 1.00', '20.0', '× 1.00', '–']);
    expect(table.rows[1]).toEqual(['p-retry', '4.00 KiB', '× 2.00', '30.0', '× 1.50', '× 3.00']);
    expect(
      figures
        .filter(({ subject }) => subject === 'p-retry')
        .map(({ case: name, metric, value }) => [name, metric, value]),
    ).toEqual([
      ['pending', 'heap_bytes', 4096],
      ['pending', 'cpu_us', 30],
      ['pending-heap', 'ratio', 2],
      ['pending-cpu', 'ratio', 1.5],
      ['pending-flatness', 'ratio', 3],
    ]);
  });

  it('have a flatness that is the median of the rounds', () => {
    const rounds = [10, 90, 12].map((ofMany) => ({ ofMany, ofFew: 10 }));
    expect(flatnessOf({ heap: 1, rounds })).toBe(1.2);
  });

  it('of sizes and imports are bytes and ms', () => {
    const size = sizeResult('size', [{ subject: 'ky', bytes: 1_234_567 }]);
    expect(size.table.rows).toEqual([['ky', '1,234,567']]);
    expect(size.figures).toEqual([{ case: 'size', subject: 'ky', metric: 'bytes', value: 1_234_567 }]);
    expect(importResult('import', new Map([['ky', [3, 1, 2]]])).figures).toEqual([
      { case: 'import', subject: 'ky', metric: 'ms', value: 2 },
    ]);
  });

  it('are formatted as one line of JSON each, rounded to four digits or whole bytes', () => {
    expect(formatFigure({ case: 'stub', subject: 'ky', metric: 'ratio', value: 1.234567, to: 'fetch' })).toBe(
      '{"case":"stub","subject":"ky","metric":"ratio","value":1.235,"to":"fetch"}',
    );
    expect(formatFigure({ case: 'size', subject: 'ky', metric: 'bytes', value: 12_345 })).toBe(
      '{"case":"size","subject":"ky","metric":"bytes","value":12345}',
    );
  });
});

describe('The page of the benchmarks', () => {
  it('has tables that are readable as plain text', () => {
    expect(
      markdownTable({
        columns: ['', 'µs'],
        rows: [
          ['ky', '1.5'],
          ['longer', '10'],
        ],
      }),
    ).toBe(['|        |  µs |', '|--------|----:|', '| ky     | 1.5 |', '| longer |  10 |'].join('\n'));
  });

  const page = 'before\n<!-- bench: stub -->\nold\n<!-- end of stub -->\nafter';

  it('keeps the text around a table, even if the table is replaced twice', () => {
    const once = replaceSection(page, 'stub', 'new');
    expect(once).toBe('before\n<!-- bench: stub -->\n\nnew\n\n<!-- end of stub -->\nafter');
    expect(replaceSection(once, 'stub', 'new')).toBe(once);
  });

  it('must have a section for a table', () => {
    expect(() => replaceSection(page, 'size', 'new')).toThrowError(
      'the document has no "<!-- bench: size -->" with a "<!-- end of size -->" after it',
    );
  });

  it('has a section for every case', async () => {
    const text = await readFile(new URL('../../docs/performance.md', import.meta.url), 'utf8');
    for (const name of [...allCases(true).map(({ name }) => name), 'machine']) {
      expect(() => replaceSection(text, name, '')).not.toThrow();
    }
  });
});

describe('The cases of the benchmarks', () => {
  it('have unique names, and subjects with unique names, whose baselines are subjects of the same case', () => {
    const cases = allCases(true);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const benchCase of cases) {
      if (!('subjects' in benchCase)) continue;
      const names = benchCase.subjects.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toContain(benchCase.baseline);
      for (const { baseline } of benchCase.subjects) expect(names).toContain(baseline);
    }
  });

  it('have a row for undiciFetch() only if the package has it', () => {
    const hasRow = (hasUndici: boolean): boolean => JSON.stringify(allCases(hasUndici)).includes('undiciFetch()');
    expect([hasRow(false), hasRow(true)]).toEqual([false, true]);
  });
});
