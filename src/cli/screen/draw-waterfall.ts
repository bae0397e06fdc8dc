import { wrap } from '../format.js';
import { gap, layOut, withoutScheme, type Layout } from './layout.js';
import { blockOf, type Block, type Row } from './request-rows.js';
import { fit, fitMiddle, paint, type Canvas, type Cell } from './style.js';
import { barCells, scale, timeAxis, type TimeAxis } from './time-axis.js';
import { firstKept, type Waterfall } from './waterfall.js';

/**
 * Draws a waterfall as it stands at a time: per request a line of column heads, a line per attempt, and why it was given up.
 *
 * ```
 *      GET /report     outcome        took    wait  0                 1.3 s
 * 1/4  127.0.0.1:4101  503           12 ms   1.0 s  █░░░░░░░░░░░░░░░
 * 2/4  127.0.0.1:4102  200, 1.2 kB  290 ms                          ███████
 * ```
 */
export function draw(waterfall: Waterfall, now: number, canvas: Canvas): string[] {
  const blocks = waterfall.map((cascade) => blockOf(cascade, now));
  const layout = layOut(blocks, canvas.columns);
  const axis = timeAxis(waterfall, now, layout.bars, canvas.final);
  return blocks.flatMap((block) => linesOf(block, axis, layout, canvas.columns).map((cells) => paint(cells, canvas)));
}

function linesOf(block: Block, axis: TimeAxis, layout: Layout, columns: number): Cell[][] {
  const heads = [
    ' '.repeat(layout.number),
    fit(block.head, layout.url),
    fit('outcome', layout.outcome),
    'took'.padStart(layout.took),
    'wait'.padStart(layout.wait),
    scale(axis),
  ];
  const lines: Cell[][] = [[[heads.join(gap), 'dim']], ...block.rows.map((row) => lineOf(row, axis, layout))];
  if (block.left > 0) {
    lines.splice(1 + firstKept, 0, [[`${'⋮'.padStart(layout.number)}${gap}${block.left} more`, 'dim']]);
  }
  const indent = ' '.repeat(layout.number) + gap;
  const note = block.note === undefined ? [] : wrap(block.note, columns - indent.length);
  return [...lines, ...note.map((text): Cell[] => [[indent + text, 'failed']])];
}

function lineOf(row: Row, axis: TimeAxis, layout: Layout): Cell[] {
  return [
    [fit(row.number.padStart(layout.number), layout.number) + gap, 'plain'],
    [fitMiddle(layout.schemes ? row.url : withoutScheme(row.url), layout.url) + gap, 'plain'],
    [fit(row.bar.outcome, layout.outcome) + gap, row.bar.state],
    [row.took.padStart(layout.took) + gap, 'plain'],
    [row.wait.padStart(layout.wait) + gap, 'dim'],
    ...(layout.bars > 0 ? barCells(row.bar, row.to, row.waitedUntil, axis) : []),
  ];
}
