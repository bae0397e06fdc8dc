import { formatDuration } from '../format.js';
import type { StyledText } from './style.js';
import { isRunning, type Bar, type Waterfall } from './waterfall.js';

/** The time axis that bars are drawn on. */
export interface TimeAxis {
  /** The time at its start, in ms. */
  readonly from: number;
  /** Its length in ms. */
  readonly span: number;
  /** Its width in cells. */
  readonly width: number;
}

/** Computes the axis that fits a whole waterfall. All requests share it, so that bars of the same time are aligned. */
export function computeTimeAxis(waterfall: Waterfall, now: number, width: number, isFinal: boolean): TimeAxis {
  const from = Math.min(...waterfall.map(({ bars }) => bars[0]?.from ?? now));
  const to = Math.max(...waterfall.map(({ endedAt }) => endedAt ?? now));
  // While a request runs, the axis grows in steps. Otherwise each redraw would shrink all bars.
  const growsInSteps = !isFinal && isRunning(waterfall);
  return { from, span: growsInSteps ? roundUp(to - from) : Math.max(1, to - from), width };
}

/** Rounds up to the next of 200 ms, 500 ms, 1 s, 2 s, 5 s, 10 s … */
function roundUp(ms: number): number {
  for (let power = 100; ; power *= 10) {
    const step = [1, 2, 5].map((n) => n * power).find((n) => n >= 200 && n > ms);
    if (step !== undefined) return step;
  }
}

/** Returns the labels of the axis, from 0 to its length, as the heading of the bars. */
export function axisLabels({ span, width }: TimeAxis): string {
  const end = formatDuration(span);
  return width < end.length + 2 ? '' : `0${end.padStart(width - 1)}`;
}

/**
 * Renders an attempt as a solid bar of at least one cell, with a `│` where a hedge was sent. The time for which gates
 * held it is a light bar before it, its wait one after it. An attempt that ended before it was sent is a `×`.
 */
export function renderBar(bar: Bar, to: number, waitTo: number, axis: TimeAxis): StyledText[] {
  const toCell = (time: number): number =>
    Math.min(axis.width, Math.max(0, Math.round(((time - axis.from) / axis.span) * axis.width)));
  const start = Math.min(toCell(bar.sentAt ?? to), axis.width - 1);
  const heldFrom = Math.min(toCell(bar.from), start);
  const end = Math.max(start + 1, toCell(to));
  const waitEnd = Math.max(end, toCell(waitTo));
  const hedgeCells = bar.hedges.map(({ sentAt }) => Math.min(toCell(sentAt), end - 1));
  return [
    [' '.repeat(heldFrom), 'plain'],
    ['░'.repeat(start - heldFrom), 'held'],
    [bar.sentAt === undefined ? unsentMark(bar) : solidBar(start, end, hedgeCells), bar.state],
    ['░'.repeat(waitEnd - end), 'dim'],
  ];
}

function unsentMark({ to }: Bar): string {
  return to === undefined ? '' : '×';
}

function solidBar(start: number, end: number, hedgeCells: readonly number[]): string {
  return Array.from({ length: end - start }, (_, i) => (hedgeCells.includes(start + i) ? '│' : '█')).join('');
}
