import { firstKept, type Bar, type Cascade, type Waterfall } from './waterfall.js';
import { timeWords } from './words.js';

/** How a drawing is to look. */
export interface Canvas {
  /** Cells in a line. No line is longer, or a terminal would break it and the next drawing would miss its place. */
  readonly columns: number;
  readonly colour: boolean;
}

type Ink = 'plain' | 'dim' | 'running' | 'retried' | 'succeeded' | 'failed' | 'cancelled';
type Cell = readonly [text: string, ink: Ink];

const inks: Readonly<Record<Ink, string>> = {
  plain: '',
  dim: '2',
  running: '36',
  retried: '33',
  succeeded: '32',
  failed: '31',
  cancelled: '35',
};

/**
 * Draws a waterfall as it stands at a time: per request a line of column heads, a line per attempt, and why it was given up.
 *
 * ```
 *      GET                     outcome               took   wait   0                  1.3 s
 * 1/4  127.0.0.1:4101/report   503                  12 ms  1.0 s   █░░░░░░░░░░░░░░░
 * 2/4  127.0.0.1:4101/report   200, 1.2 kB         260 ms                          ████
 * ```
 *
 * All requests share one time axis, so that what runs at the same time stands above each other.
 */
export function draw(waterfall: Waterfall, now: number, canvas: Canvas): string[] {
  const axis = axisOf(waterfall, now);
  const rows = waterfall.flatMap(({ bars, endedAt }) => bars.map((bar, i) => rowOf(bar, bars[i + 1], endedAt, now)));
  const layout = layOut(rows, canvas.columns);
  return waterfall.flatMap((cascade) => drawOne(cascade, now, axis, layout).map((cells) => paint(cells, canvas)));
}

interface Axis {
  readonly from: number;
  readonly span: number;
}

function axisOf(waterfall: Waterfall, now: number): Axis {
  const from = Math.min(...waterfall.map(({ bars }) => bars[0]?.from ?? now));
  const to = Math.max(...waterfall.map(({ endedAt }) => endedAt ?? now));
  const running = waterfall.some(({ endedAt }) => endedAt === undefined);
  // While something runs the axis grows in steps, or every bar would shrink with every drawing.
  return { from, span: running ? roundUp(to - from) : Math.max(1, to - from) };
}

/** The next of 200 ms, 500 ms, 1 s, 2 s, 5 s, 10 s … */
function roundUp(ms: number): number {
  for (let power = 100; ; power *= 10) {
    const step = [1, 2, 5].map((n) => n * power).find((n) => n >= 200 && n > ms);
    if (step !== undefined) return step;
  }
}

interface Row {
  readonly number: string;
  readonly url: string;
  readonly outcome: string;
  readonly took: string;
  readonly wait: string;
  /** When the wait after it ended, or how far it has come. */
  readonly waitedUntil: number;
}

function rowOf(bar: Bar, next: Bar | undefined, endedAt: number | undefined, now: number): Row {
  const to = bar.to ?? endedAt ?? now;
  const waitsNow = bar.wait !== undefined && next === undefined && endedAt === undefined;
  const wait = waitsNow ? to + bar.wait - now : bar.wait;
  return {
    number: `${bar.number}/${bar.of === Infinity ? '∞' : bar.of}`,
    url: bar.url,
    outcome: bar.outcome,
    took: timeWords(to - bar.from),
    wait: wait === undefined ? '' : timeWords(wait),
    waitedUntil: bar.wait === undefined ? to : Math.min(next?.from ?? endedAt ?? now, to + bar.wait),
  };
}

interface Layout {
  readonly number: number;
  readonly url: number;
  readonly outcome: number;
  readonly took: number;
  readonly wait: number;
  /** 0 where the terminal is too narrow for bars. */
  readonly bars: number;
}

const gap = 2;

/** The columns' widths: what is short keeps its place, the URL yields, the bars take the rest. */
function layOut(rows: readonly Row[], columns: number): Layout {
  const widest = (key: 'number' | 'url' | 'outcome' | 'took' | 'wait', least: number, most: number): number =>
    Math.min(most, Math.max(least, ...rows.map((row) => row[key].length)));
  const number = widest('number', 3, 9);
  const outcome = widest('outcome', 12, Math.max(12, Math.floor(columns * 0.28)));
  const took = widest('took', 6, 10);
  const wait = widest('wait', 6, 10);
  const free = Math.max(0, columns - number - outcome - took - wait - 5 * gap);
  const url = Math.min(widest('url', 4, 200), Math.max(12, free - Math.max(16, Math.floor(columns * 0.3))));
  const bars = free - url < 6 ? 0 : free - url;
  return { number, url, outcome, took, wait, bars };
}

function drawOne(cascade: Cascade, now: number, axis: Axis, layout: Layout): Cell[][] {
  const { number, url, outcome, took, wait, bars } = layout;
  const space: Cell = [' '.repeat(gap), 'plain'];
  const left: Cell[] = cascade.left === 0 ? [] : [[`${'⋮'.padStart(number)}  ${cascade.left} more attempts`, 'dim']];
  const heads = ['', cascade.method, 'outcome'].map((head, i) => fit(head, [number, url, outcome][i] ?? 0));
  const lines: Cell[][] = [
    [[[...heads, 'took'.padStart(took), 'wait'.padStart(wait), scale(axis, bars)].join(' '.repeat(gap)), 'dim']],
  ];
  cascade.bars.forEach((bar, i) => {
    if (i === firstKept && left.length > 0) lines.push(left);
    const row = rowOf(bar, cascade.bars[i + 1], cascade.endedAt, now);
    lines.push([
      [row.number.padStart(number), 'plain'],
      space,
      [shortenUrl(row.url, url).padEnd(url), 'plain'],
      space,
      [fit(row.outcome, outcome), bar.state],
      space,
      [row.took.padStart(took), 'plain'],
      space,
      [row.wait.padStart(wait), 'dim'],
      space,
      ...barCells(bar, row.waitedUntil, now, axis, bars),
    ]);
  });
  if (cascade.note !== undefined) lines.push([[`${' '.repeat(number + gap)}${cascade.note}`, 'failed']]);
  return lines;
}
