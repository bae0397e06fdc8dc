import type { StyledText } from '../screen/style.js';
import { formatRate, formatTick, timeStep, timeTicks } from './axes.js';
import { blockCell, brailleCell, DOTS_ACROSS, DOTS_DOWN } from './braille.js';
import { resample, type Rates } from './rates.js';

/** The axes of a chart, which all charts of a comparison share. */
export interface ChartAxes {
  /** The cells of a line, with the labels. */
  readonly columns: number;
  /** The lines of the drawing, without the time axis: an even number. */
  readonly rows: number;
  /** What the time axis spans. */
  readonly seconds: number;
  /** The rate at the top. */
  readonly top: number;
}

/** The cells that a label of the time axis needs, with its distance to the next one. */
const CELLS_PER_TICK = 10;

/**
 * Draws goodput as an area of blocks, and what of the load is above it as dots: a line with a loose area below it.
 *
 * ```
 * 80 ┤         ⡠⡪⡫⡫⡫⡫⡫⡫⡢⣄
 *    │       ⢀⡴⡫⡪⡪⡪⡪⡪⡪⡪⡪⡪⡫⡫⡫⡳⣄
 * 40 ┤███████████▇▅▄▃▁⡪⡪⡪⡪⡪⡪⡪⡪⡣⡀▁▃▄▅▇█████
 *    │█████████████████▇▅▄▃▁⡪▃▅███████████
 *  0 └┴──────────────┴──────────────┴─────
 *     0 s            5 s            10 s
 * ```
 */
export function drawChart({ load, goodput }: Rates, { columns, rows, seconds, top }: ChartAxes): StyledText[][] {
  const labels = [formatRate(top), formatRate(top / 2), '0'];
  const labelWidth = Math.max(...labels.map((label) => label.length));
  const width = Math.max(1, columns - labelWidth - 2);
  const height = rows * DOTS_DOWN;
  // What happened at all is seen.
  const cellsOf = (rate: number): number => (rate > 0 ? Math.max(1 / 8, (rate / top) * rows) : 0);
  const areas = resample(goodput, seconds, width).map(cellsOf);
  const lines = lineSpans(resample(load, seconds, width * DOTS_ACROSS), (rate) => Math.round((rate / top) * height));
  const drawCell = (row: number, cell: number): StyledText => {
    const block = blockCell((areas[cell] ?? 0) - (rows - 1 - row));
    if (block !== ' ') return [block, 'goodput'];
    const dots = brailleCell((dotRow, dotColumn) => {
      const x = cell * DOTS_ACROSS + dotColumn;
      const y = height - 1 - (row * DOTS_DOWN + dotRow);
      const [from, to] = lines[x] ?? [0, -1];
      return y <= to && (y >= from || (x + y) % 2 === 0);
    });
    return [dots, 'load'];
  };
  const drawn = Array.from({ length: rows }, (_, row): StyledText[] => {
    const label = row === 0 ? labels[0] : row === rows / 2 ? labels[1] : undefined;
    const axis = `${(label ?? '').padStart(labelWidth)} ${label === undefined ? '│' : '┤'}`;
    return [[axis, 'dim'], ...joinEqual(Array.from({ length: width }, (__, cell) => drawCell(row, cell)))];
  });
  return [...drawn, ...drawTimeAxis(seconds, width, labelWidth)];
}

/** The lowest and the highest dot of a line in one column. */
type Span = readonly [from: number, to: number];

/** Returns the dots of the line in each column: several where it is steep, so that it is not torn. */
function lineSpans(rates: readonly number[], dotsOf: (rate: number) => number): (Span | undefined)[] {
  const ends = rates.map((rate) => (Number.isNaN(rate) ? undefined : Math.max(0, dotsOf(rate) - 1)));
  return ends.map((end, x) => {
    if (end === undefined) return undefined;
    const before = ends[x - 1] ?? end;
    return before < end ? [before + 1, end] : [end, Math.max(end, before - 1)];
  });
}

function drawTimeAxis(seconds: number, width: number, labelWidth: number): StyledText[][] {
  const maxParts = Math.max(1, Math.floor(width / CELLS_PER_TICK));
  const step = timeStep(seconds, maxParts);
  const axis = Array.from({ length: width }, () => '─');
  let labels = '';
  for (const tick of timeTicks(seconds, maxParts)) {
    const cell = Math.min(width - 1, Math.floor((tick / seconds) * width));
    const label = formatTick(tick, step);
    axis[cell] = '┴';
    // The last one is moved to the left, so that it ends with the line.
    labels = labels.padEnd(Math.max(0, Math.min(cell, width - label.length))) + label;
  }
  return [
    [[`${'0'.padStart(labelWidth)} └${axis.join('')}`, 'dim']],
    [[`${' '.repeat(labelWidth + 2)}${labels}`, 'dim']],
  ];
}

/** Joins neighbours of the same style, so that a line has few changes of colour. */
function joinEqual(texts: readonly StyledText[]): StyledText[] {
  const joined: [string, StyledText[1]][] = [];
  for (const [text, style] of texts) {
    const last = joined.at(-1);
    if (last && (last[1] === style || text === ' ')) last[0] += text;
    else joined.push([text, style]);
  }
  return joined;
}
