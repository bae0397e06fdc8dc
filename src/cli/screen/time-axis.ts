import { formatDuration } from '../format.js';
import type { StyledText } from './style.js';
import { isRunning, type Bar, type Waterfall } from './waterfall.js';

/** What the bars are drawn on: from when, over how many ms, in how many cells. */
export interface TimeAxis {
  readonly from: number;
  readonly span: number;
  readonly width: number;
}

/** The axis on which all of a waterfall can be seen. All its requests share it: what ran at the same time stands above each other. */
export function computeTimeAxis(waterfall: Waterfall, now: number, width: number, final: boolean): TimeAxis {
  const from = Math.min(...waterfall.map(({ bars }) => bars[0]?.from ?? now));
  const to = Math.max(...waterfall.map(({ endedAt }) => endedAt ?? now));
  // While something runs the axis grows in steps, or every bar would shrink with every drawing.
  const grows = !final && isRunning(waterfall);
  return { from, span: grows ? roundUp(to - from) : Math.max(1, to - from), width };
}

/** The next of 200 ms, 500 ms, 1 s, 2 s, 5 s, 10 s … */
function roundUp(ms: number): number {
  for (let power = 100; ; power *= 10) {
    const step = [1, 2, 5].map((n) => n * power).find((n) => n >= 200 && n > ms);
    if (step !== undefined) return step;
  }
}

/** The axis' ends, as a head over the bars. */
export function axisLabels({ span, width }: TimeAxis): string {
  const end = formatDuration(span);
  return width < end.length + 2 ? '' : `0${end.padStart(width - 1)}`;
}

/** An attempt as a solid block, never less than one cell, and the wait after it as a light one. */
export function renderBar(bar: Bar, to: number, waitTo: number, axis: TimeAxis): StyledText[] {
  const cell = (time: number): number =>
    Math.min(axis.width, Math.max(0, Math.round(((time - axis.from) / axis.span) * axis.width)));
  const start = Math.min(cell(bar.from), axis.width - 1);
  const end = Math.max(start + 1, cell(to));
  const waited = Math.max(end, cell(waitTo));
  return [
    [' '.repeat(start), 'plain'],
    ['█'.repeat(end - start), bar.state],
    ['░'.repeat(waited - end), 'dim'],
  ];
}
