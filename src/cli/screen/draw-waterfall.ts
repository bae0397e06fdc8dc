import { wrapWords } from '../format.js';
import { COLUMN_GAP, computeLayout, withoutScheme, type Layout } from './layout.js';
import { toRequestRows, type RequestRows, type Row } from './request-rows.js';
import { fitWidth, renderLine, truncateMiddle, type Canvas, type Style, type StyledText } from './style.js';
import { axisLabels, computeTimeAxis, renderBar, type TimeAxis } from './time-axis.js';
import { KEPT_FIRST, type Waterfall } from './waterfall.js';

/**
 * Draws a waterfall at a point in time: for each request a heading, a line per attempt, and the reason of a failure.
 *
 * ```
 *      GET /report     outcome        took    wait  0                 1.3 s
 * 1/4  127.0.0.1:4101  503           12 ms   1.0 s  █░░░░░░░░░░░░░░░
 * 2/4  127.0.0.1:4102  200, 1.2 kB  290 ms                          ███████
 * ```
 */
export function drawWaterfall(waterfall: Waterfall, now: number, canvas: Canvas): string[] {
  const requests = waterfall.map((timeline) => toRequestRows(timeline, now));
  const layout = computeLayout(requests, canvas.columns);
  const axis = computeTimeAxis(waterfall, now, layout.bars, canvas.isFinal);
  return requests.flatMap((request) =>
    drawRequest(request, axis, layout, canvas.columns).map((line) => renderLine(line, canvas)),
  );
}

function drawRequest(request: RequestRows, axis: TimeAxis, layout: Layout, columns: number): StyledText[][] {
  const headings = [
    ' '.repeat(layout.number),
    fitWidth(request.heading, layout.url),
    fitWidth('outcome', layout.outcome),
    'took'.padStart(layout.took),
    'wait'.padStart(layout.wait),
    axisLabels(axis),
  ];
  const indent = ' '.repeat(layout.number) + COLUMN_GAP;
  const drawText = (text: string, style: Style): StyledText[][] =>
    wrapWords(text, columns - indent.length).map((line) => [[indent + line, style]]);
  const rows = request.rows.map((row) => [
    drawRow(row, axis, layout),
    ...row.notes.flatMap((note) => drawText(note, 'dim')),
  ]);
  const omitted = `${'⋮'.padStart(layout.number)}${COLUMN_GAP}${request.omitted} more`;
  return [
    [[headings.join(COLUMN_GAP), 'dim']],
    ...rows.slice(0, KEPT_FIRST).flat(),
    ...(request.omitted > 0 ? [[[omitted, 'dim'] as const]] : []),
    ...rows.slice(KEPT_FIRST).flat(),
    ...(request.endReason === undefined ? [] : drawText(request.endReason, 'failed')),
  ];
}

function drawRow(row: Row, axis: TimeAxis, layout: Layout): StyledText[] {
  return [
    [fitWidth(row.number.padStart(layout.number), layout.number) + COLUMN_GAP, 'plain'],
    [truncateMiddle(layout.showsSchemes ? row.url : withoutScheme(row.url), layout.url) + COLUMN_GAP, 'plain'],
    [fitWidth(row.bar.outcome, layout.outcome) + COLUMN_GAP, row.bar.state],
    [row.took.padStart(layout.took) + COLUMN_GAP, 'plain'],
    [row.wait.padStart(layout.wait) + COLUMN_GAP, 'dim'],
    ...(layout.bars > 0 ? renderBar(row.bar, row.to, row.waitTo, axis) : []),
  ];
}
