import { drawResults, type SimulationResults } from '../../../src/cli/simulate/draw-results.js';
import { formatReportTable } from '../../../src/cli/simulate/report-table.js';
import { makeReport } from './make-report.js';

const ramp = (to: number, share: number): { arrived: number; answered: number; retries: number }[] =>
  Array.from({ length: 6 }, (_, second) => ({
    arrived: (second * to) / 5,
    answered: ((second * to) / 5) * share,
    retries: second,
  }));

const RESULTS: SimulationResults = {
  title: 'overload',
  duration: 6_000,
  isTogether: false,
  reports: {
    none: makeReport(ramp(20, 1), { load: 1, latency: { p50: 52, p90: 133.8, p99: 1041, max: 1043.8 } }),
    'a\x1b[31m careful one': makeReport(ramp(40, 0.25)),
  },
};

function draw(results: SimulationResults, screen: object, env = { NO_COLOR: '1' }): string[] {
  return drawResults(results, { write: () => undefined, ...screen }, env).split('\n');
}

describe('The results of a simulation', () => {
  it('are a table and plain numbers if the output is not a terminal, or a dumb one', () => {
    const expected = [
      'strategy            load  success    p50     p90    p99    max  requests  retries  rejected',
      'none                1.00   97.6 %  52 ms  134 ms  1.0 s  1.0 s       100       15         0',
      'a [31m careful one  1.50   97.6 %  53 ms  134 ms  2.0 s  9.0 s       100       15         0',
      '',
      'per second:',
      'from  none: load  goodput  a [31m careful one: load  goodput',
      ' 0 s           0        0                         0        0',
      ' 1 s           4        4                         8        2',
      ' 2 s           8        8                        16        4',
      ' 3 s          12       12                        24        6',
      ' 4 s          16       16                        32        8',
      ' 5 s          20       20                        40       10',
      '',
    ];

    expect(draw(RESULTS, {})).toEqual(expected);
    expect(drawResults(RESULTS, { isTTY: true, columns: 20, write: () => undefined }, { TERM: 'dumb' })).toBe(
      expected.join('\n'),
    );
  });

  it('are a table and charts of the same scale on a terminal', () => {
    expect(draw(RESULTS, { isTTY: true, columns: 80, rows: 24 })).toEqual([
      'strategy         load success   p50    p90   p99   max requests retries rejected',
      'none             1.00  97.6 % 52 ms 134 ms 1.0 s 1.0 s      100      15        0',
      'a [31m careful … 1.50  97.6 % 53 ms 134 ms 2.0 s 9.0 s      100      15        0',
      '',
      'per second:  ██ requests that succeed (goodput)  ⢕⢕ messages that arrive (load)',
      '',
      'none',
      '40 ┤',
      '   │',
      '   │',
      '20 ┤                                                  ▁▁▁▂▂▃▃▃▄▄▅▅▅▆▆▆▇▇████████',
      '   │                             ▁▁▂▂▂▃▃▃▄▄▅▅▅▆▆▆▇▇█████████████████████████████',
      '   │⣀⣀⣀⣀⣀⣀▁▁▁▁▂▂▂▃▃▃▄▄▅▅▅▆▆▇▇▇██████████████████████████████████████████████████',
      ' 0 └┴───────────┴────────────┴────────────┴───────────┴────────────┴───────────┴',
      '    0 s         1 s          2 s          3 s         4 s          5 s       6 s',
      '',
      'a [31m careful one',
      '40 ┤                                                            ⢀⣀⣀⡤⡤⡴⡲⡲⡪⡫⡫⡫⡫⡫⡫⡫',
      '   │                                                  ⣀⣀⡠⡤⡤⡲⡲⡲⡫⡫⡫⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪',
      '   │                                       ⢀⣀⣀⡤⡤⡴⡲⡲⡫⡫⡫⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪',
      '20 ┤                             ⣀⣀⡠⡤⡤⡲⡲⡪⡫⡫⡫⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪',
      '   │                  ⣀⣀⣀⡤⡤⡴⡲⡲⡫⡫⡫⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪▁▁▁▁▁▂▂▂▂▂▂▃▃▃▃▃▄▄▄▄▄▄▄▄▄',
      '   │⣀⣀⣀⣀⣀⣀▁▁▁▁▁▁▁▁▂▂▂▂▂▂▃▃▃▃▃▄▄▄▄▄▅▅▅▅▅▆▆▆▆▆▆▇▇▇▇▇██████████████████████████████',
      ' 0 └┴───────────┴────────────┴────────────┴───────────┴────────────┴───────────┴',
      '    0 s         1 s          2 s          3 s         4 s          5 s       6 s',
      '',
    ]);
  });

  it('are drawn in colour, unless NO_COLOR is set', () => {
    const draws = (env: object): boolean =>
      drawResults(RESULTS, { isTTY: true, write: () => undefined }, env).includes('\x1b[35m');

    expect([draws({}), draws({ NO_COLOR: '' }), draws({ NO_COLOR: '1' })]).toEqual([true, true, false]);
  });

  it('have charts as high as the terminal has room for', () => {
    const lines = [10, 24, 30, 40, 60, 0].map((rows) => draw(RESULTS, { isTTY: true, columns: 80, rows }).length);

    expect(lines).toEqual([26, 26, 30, 34, 34, 26]);
  });

  it('leave out whole columns where the terminal is narrow, and never a digit', () => {
    const { reports } = RESULTS;
    const wide = formatReportTable(reports, false, 70);
    expect(wide).toEqual([
      'strategy      load success   p50   p99   max requests retries rejected',
      'none          1.00  97.6 % 52 ms 1.0 s 1.0 s      100      15        0',
      'a [31m caref… 1.50  97.6 % 53 ms 2.0 s 9.0 s      100      15        0',
      'not shown: p90',
    ]);
    for (let columns = 20; columns < 100; columns += 1) {
      const [headings = '', first = ''] = formatReportTable(reports, false, columns);
      expect(headings.length).toBeLessThanOrEqual(columns);
      expect(first).toContain('97.6 %');
      // Each number ends where its heading does.
      if (headings.includes('rejected')) expect(first.length).toBe(headings.length);
    }
  });

  it('show what has not ended, where it is more than one request in a hundred', () => {
    const one = { a: makeReport([], { pending: 1 }) };
    const many = { ...one, b: makeReport([], { pending: 2 }) };
    expect(formatReportTable(one, false, 100)[0]).toMatch(/rejected$/);
    expect(formatReportTable(many, false, 100).map((line) => line.slice(-9))).toEqual([
      '  pending',
      '        1',
      '        2',
    ]);
  });

  it('have columns for hedges, and for when all were done, where these matter', () => {
    const [headings, none, hedge] = draw(
      {
        ...RESULTS,
        isTogether: true,
        reports: {
          none: makeReport([], {
            load: NaN,
            success: NaN,
            latency: { p50: NaN, p90: NaN, p99: NaN, max: NaN },
            requests: 0,
          }),
          hedge: makeReport([{ hedges: 3, rejected: 2 }, { hedges: 4 }]),
        },
      },
      {},
    );

    expect(headings).toBe(
      'strategy  load  success    p50     p90    p99    max  requests  retries  hedges  rejected  over after',
    );
    expect(none).toBe(
      'none         –        –      –       –      –      –         0        0       0         0       4.3 s',
    );
    expect(hedge).toBe(
      'hedge     1.50   97.6 %  53 ms  134 ms  2.0 s  9.0 s       100        0       7         2       4.3 s',
    );
  });

  it('have steps of several seconds where there are many, and no chart where there are few', () => {
    const long = {
      ...RESULTS,
      duration: 80_000,
      reports: { one: makeReport(Array.from({ length: 80 }, (_, arrived) => ({ arrived }))) },
    };
    const short = { ...RESULTS, duration: 2_000, reports: { one: makeReport([{ arrived: 3 }, { arrived: 3 }]) } };

    expect(draw(long, {}).slice(3, 7)).toEqual([
      'per second:',
      'from  one: load  goodput',
      ' 0 s          2        0',
      ' 5 s          7        0',
    ]);
    expect(draw(short, {}).length).toBe(3);
    expect(draw(short, { isTTY: true, columns: 80 }).length).toBe(3);
  });

  it('have short names in the table', () => {
    const [, line = ''] = draw(
      { ...RESULTS, reports: { ['x'.repeat(500)]: makeReport([]) } },
      { isTTY: true, columns: 120 },
    );

    expect(line).toBe(`${'x'.repeat(29)}…  1.50   97.6 %  53 ms  134 ms  2.0 s  9.0 s       100        0         0`);
  });
});
