import { renderLine } from '../../../src/cli/screen/style.js';
import { formatRate, formatTick, roundTop, timeTicks } from '../../../src/cli/simulate/axes.js';
import { blockCell, brailleCell } from '../../../src/cli/simulate/braille.js';
import { drawChart, type ChartAxes } from '../../../src/cli/simulate/chart.js';
import { meanOfGroups, ratesOf, resample, type Rates } from '../../../src/cli/simulate/rates.js';
import { makeReport } from './make-report.js';

function draw(rates: Rates, axes: Partial<ChartAxes> = {}, hasColour = false): string[] {
  const all = { columns: 40, rows: 4, seconds: rates.load.length, top: 80, ...axes };
  return drawChart(rates, all).map((line) => renderLine(line, { columns: all.columns, hasColour, isFinal: true }));
}

const LOAD = [40, 40, 40, 80, 80, 80, 60, 60, 20, 20, 40, 40];
const GOODPUT = [40, 40, 40, 40, 30, 20, 10, 0, 20, 30, 40, 40];

describe('A chart of load and goodput', () => {
  it('draws goodput as an area, and the load above it as dots', () => {
    expect(draw({ load: LOAD, goodput: GOODPUT })).toEqual([
      '80 ┤         ⡠⡪⡫⡫⡫⡫⡫⡫⡢⣄',
      '   │       ⢀⡴⡫⡪⡪⡪⡪⡪⡪⡪⡪⡪⡫⡫⡫⡳⣄',
      '40 ┤███████████▇▅▄▃▁⡪⡪⡪⡪⡪⡪⡪⡪⡣⡀▁▃▄▅▇█████',
      '   │█████████████████▇▅▄▃▁⡪▃▅███████████',
      ' 0 └┴──────────────┴──────────────┴─────',
      '    0 s            5 s            10 s',
    ]);
  });

  it('has colours of the palette, one for each run of cells', () => {
    expect(draw({ load: LOAD, goodput: GOODPUT }, { columns: 20 }, true)).toEqual([
      '\x1b[2m80 ┤\x1b[0m\x1b[35m    ⡼⡫⡫⡳⡄\x1b[0m',
      '\x1b[2m   │\x1b[0m\x1b[35m   ⢰⡫⡪⡪⡪⡪⡫⣢\x1b[0m',
      '\x1b[2m40 ┤\x1b[0m\x1b[32m█████▆▃\x1b[0m\x1b[35m⡪⡪⡪⡪\x1b[0m\x1b[32m▁▄▇██\x1b[0m',
      '\x1b[2m   │\x1b[0m\x1b[32m████████▅▂▃█████\x1b[0m',
      '\x1b[2m 0 └┴───────────────\x1b[0m',
      '\x1b[2m    0 s\x1b[0m',
    ]);
  });

  it('ends where its strategy ended, on an axis that it shares with others', () => {
    expect(draw({ load: [20, 40, 80], goodput: [20, 30, 20] }, { columns: 30, seconds: 6 })).toEqual([
      '80 ┤         ⡠⡪⡫⡫',
      '   │       ⡠⡪⡪⡪⡪⡪',
      '40 ┤  ⢀▁▂▃▄▃▂▁⡪⡪⡪',
      '   │█████████████',
      ' 0 └┴────────────────────┴────',
      '    0 s                  5 s',
    ]);
  });

  it('shows that hardly anything or nothing happened', () => {
    expect(draw({ load: [0, 0, 0, 0], goodput: [0, 0, 0.2, 0] }, { columns: 20 })).toEqual([
      '80 ┤',
      '   │',
      '40 ┤',
      '   │⣀⣀⣀⣀⣀⣀▁▁▁▁▁▁▁▁⣀⣀',
      ' 0 └┴───────────────',
      '    0 s',
    ]);
  });

  it('draws means where there are more seconds than cells', () => {
    const load = Array.from({ length: 600 }, (_, second) =>
      second < 300 ? 2_000 : second % 2 === 0 ? 13_000 : 11_000,
    );
    const goodput = load.map(() => 1_900);

    expect(draw({ load, goodput }, { columns: 50, top: 15_000, rows: 6 })).toEqual([
      ' 15k ┤',
      '     │                      ⡶⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲⡲',
      '     │                      ⡯⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪',
      '7500 ┤                      ⡯⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪',
      '     │                      ⡯⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪⡪',
      '     │▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆',
      '   0 └┴─────────────────────┴────────────────────┴',
      '      0 m                   5 m               10 m',
    ]);
  });

  it('never exceeds the width that it has', () => {
    for (let columns = 1; columns < 60; columns += 1) {
      for (const line of draw({ load: LOAD, goodput: GOODPUT }, { columns })) {
        expect(line.length).toBeLessThanOrEqual(columns);
      }
    }
  });
});

describe('The axes of a chart', () => {
  it('end at a round rate whose half reads well', () => {
    expect([0, NaN, 0.3, 1, 1.2, 7, 41, 101, 950, 12_345].map(roundTop)).toEqual([
      1, 1, 0.3, 1, 1.5, 8, 50, 150, 1_000, 15_000,
    ]);
    expect([0, 0.75, 2.5, 40, 1_500, 9_999, 12_500].map(formatRate)).toEqual([
      '0',
      '0.75',
      '2.5',
      '40',
      '1500',
      '9999',
      '12.5k',
    ]);
  });

  it('have labels at round times, at most so many', () => {
    expect(timeTicks(12, 3)).toEqual([0, 5, 10]);
    expect(timeTicks(80, 10)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80]);
    expect(timeTicks(600, 4)).toEqual([0, 300, 600]);
    expect(timeTicks(86_400, 4)).toEqual([0, 21_600, 43_200, 64_800, 86_400]);
    expect([formatTick(20, 10), formatTick(120, 60), formatTick(21_600, 21_600)]).toEqual(['20 s', '2 m', '6 h']);
  });
});

describe('A cell of a chart', () => {
  it('has a block that fills it in eighths, from below', () => {
    expect([-1, 0, 0.06, 0.07, 0.5, 0.93, 0.94, 1, 7].map(blockCell).join('')).toBe('   ▁▄▇███');
  });

  it('has two dots across and four down, or is a blank', () => {
    expect(brailleCell(() => false)).toBe(' ');
    expect(brailleCell(() => true)).toBe('⣿');
    expect(brailleCell((row, column) => row === 0 && column === 1)).toBe('⠈');
    expect(brailleCell((row, column) => row === 3 && column === 0)).toBe('⡀');
  });
});

describe('Rates', () => {
  it('are counts per second, in a last second that is a part of one, too', () => {
    const report = makeReport([
      { arrived: 10, answered: 8 },
      { arrived: 5, answered: 4 },
    ]);

    expect(ratesOf(report, 1_500)).toEqual({ load: [10, 10], goodput: [8, 8] });
    expect(ratesOf(report, 9_000)).toEqual({ load: [10, 5], goodput: [8, 4] });
  });

  it('stand in the middle of their second, and rise evenly to the next', () => {
    expect(resample([0, 8], 2, 8)).toEqual([0, 0, 1, 3, 5, 7, 8, 8]);
    expect(resample([1, 3, 5, 7], 4, 2)).toEqual([2, 6]);
    expect(resample([4], 3, 3)).toEqual([4, NaN, NaN]);
    expect(resample([], 1, 1)).toEqual([NaN]);
    expect(resample([0, 6, 0, 6, 0], 5, 2)).toEqual([2.4, 2.4]);
    expect(resample([0, 6, 0, 6], 5, 2)).toEqual([2.4, 4]);
  });

  it('have a mean for each group of seconds', () => {
    expect(meanOfGroups([1, 3, 5, 7, 9], 2)).toEqual([2, 6, 9]);
    expect(meanOfGroups([], 5)).toEqual([]);
  });
});
