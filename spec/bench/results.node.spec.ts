import { readFile } from 'node:fs/promises';

import { allCases, only, PENDING, type RequestCase, STUB } from '../../bench/cases.js';
import { figureLine } from '../../bench/figures.js';
import { fillIn, markdownTable } from '../../bench/markdown.js';
import { flatnessOf, importResult, pendingResult, requestResult, sizeResult } from '../../bench/results.js';

const CASE: RequestCase = {
  kind: 'requests',
  name: 'json-1',
  title: 'Small JSON',
  network: 'server',
  path: 'json',
  lanes: 1,
  heavy: false,
  bare: 'fetch',
  contestants: [
    { who: 'fetch', module: '', entry: '', over: 'fetch' },
    { who: 'http', module: '', entry: '', over: 'http' },
    { who: 'got', module: '', entry: '', over: 'http' },
  ],
};

describe('The results of the benchmarks', () => {
  it('are times of CPU, and ratios to the bare transport and to what lies beneath', () => {
    const { figures, table } = requestResult(
      CASE,
      new Map([
        ['fetch', [100, 100, 400]],
        ['http', [20, 20, 80]],
        ['got', [200, 210, 800]],
      ]),
    );
    expect(figures.filter(({ who }) => who === 'got')).toEqual([
      { case: 'json-1', who: 'got', metric: 'cpu_us', value: 210 },
      { case: 'json-1', who: 'got', metric: 'ratio', value: 2, to: 'fetch' },
      { case: 'json-1', who: 'got', metric: 'ratio', value: 10, to: 'http' },
    ]);
    expect(table.columns).toEqual(['', 'µs of CPU', 'times fetch', 'times what lies under it']);
    expect(table.rows).toEqual([
      ['fetch', '100', '× 1.00', '–'],
      ['http', '20.0', '× 0.20', '–'],
      ['got', '210', '× 2.00', '× 10.00 http'],
    ]);
  });

  it('need no second ratio where everything lies on the same', () => {
    const one = only(STUB, ['RxJS fromFetch', 'ky']);
    const { table } = requestResult(
      one,
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

  it('refuse what nobody has measured', () => {
    expect(() => requestResult(CASE, new Map())).toThrowError('Nobody measured fetch.');
  });

  it('of waiting are heap and time of each, and how much more many cost than few', () => {
    const one = only(PENDING, ['RxJS retry', 'p-retry']);
    const rounds = new Map([
      ['RxJS retry', [{ cpu: 20, heap: 2048 }]],
      ['p-retry', [{ cpu: 30, heap: 4096 }]],
    ]);
    const growth = new Map([['p-retry', { heap: 4096, rounds: [{ ofMany: 30, ofFew: 10 }] }]]);
    const { figures, table } = pendingResult(one, rounds, growth);
    expect(table.rows[0]).toEqual(['RxJS retry', '2.00 KiB', '× 1.00', '20.0', '× 1.00', '–']);
    expect(table.rows[1]).toEqual(['p-retry', '4.00 KiB', '× 2.00', '30.0', '× 1.50', '× 3.00']);
    expect(
      figures.filter(({ who }) => who === 'p-retry').map(({ case: name, metric, value }) => [name, metric, value]),
    ).toEqual([
      ['pending', 'heap_bytes', 4096],
      ['pending', 'cpu_us', 30],
      ['pending-heap', 'ratio', 2],
      ['pending-cpu', 'ratio', 1.5],
      ['pending-flatness', 'ratio', 3],
    ]);
  });

  it('are flat where many cost what few cost, by the median of the rounds', () => {
    const rounds = [10, 90, 12].map((ofMany) => ({ ofMany, ofFew: 10 }));
    expect(flatnessOf({ heap: 1, rounds })).toBe(1.2);
  });

  it('of sizes and imports are what they are', () => {
    const size = sizeResult('size', [{ who: 'ky', bytes: 1_234_567 }]);
    expect(size.table.rows).toEqual([['ky', '1,234,567']]);
    expect(size.figures).toEqual([{ case: 'size', who: 'ky', metric: 'bytes', value: 1_234_567 }]);
    expect(importResult('import', new Map([['ky', [3, 1, 2]]])).figures).toEqual([
      { case: 'import', who: 'ky', metric: 'ms', value: 2 },
    ]);
  });

  it('are written as a line of JSON each, with the digits that count', () => {
    expect(figureLine({ case: 'stub', who: 'ky', metric: 'ratio', value: 1.234567, to: 'fetch' })).toBe(
      '{"case":"stub","who":"ky","metric":"ratio","value":1.235,"to":"fetch"}',
    );
    expect(figureLine({ case: 'size', who: 'ky', metric: 'bytes', value: 12_345 })).toBe(
      '{"case":"size","who":"ky","metric":"bytes","value":12345}',
    );
  });
});

describe('The page of the benchmarks', () => {
  it('has tables that can be read as they stand', () => {
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

  it('keeps what stands around a table, however often it is filled in', () => {
    const once = fillIn(page, 'stub', 'new');
    expect(once).toBe('before\n<!-- bench: stub -->\n\nnew\n\n<!-- end of stub -->\nafter');
    expect(fillIn(once, 'stub', 'new')).toBe(once);
  });

  it('must have a place for a table', () => {
    expect(() => fillIn(page, 'size', 'new')).toThrowError(
      'The document has no "<!-- bench: size -->" with a "<!-- end of size -->" after it.',
    );
  });

  it('has a place for every case', async () => {
    const text = await readFile(new URL('../../docs/performance.md', import.meta.url), 'utf8');
    for (const name of [...allCases(true).map((one) => one.name), 'machine']) {
      expect(() => fillIn(text, name, '')).not.toThrow();
    }
  });
});

describe('The cases of the benchmarks', () => {
  it('have names of their own, and contestants with names of their own, over one that takes part', () => {
    const cases = allCases(true);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    for (const one of cases) {
      if (!('contestants' in one)) continue;
      const names = one.contestants.map(({ who }) => who);
      expect(new Set(names).size).toBe(names.length);
      expect(names).toContain(one.bare);
      for (const { over } of one.contestants) expect(names).toContain(over);
    }
  });

  it('have a row for undici as a transport only where there is one', () => {
    const has = (undici: boolean): boolean => JSON.stringify(allCases(undici)).includes('undiciFetch()');
    expect([has(false), has(true)]).toEqual([false, true]);
  });
});
