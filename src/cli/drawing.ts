import { fit, fitMiddle, paint, type Canvas, type Cell } from './ink.js';
import { barCells, scale, timeAxis, type TimeAxis } from './time-axis.js';
import { firstKept, type Bar, type Cascade, type Waterfall } from './waterfall.js';
import { timeWords, wrap } from './words.js';

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

/** A request in words. */
interface Block {
  readonly head: string;
  readonly rows: readonly Row[];
  readonly left: number;
  readonly note: string | undefined;
}

function blockOf({ method, bars, endedAt, left, note }: Cascade, now: number): Block {
  // What all attempts have in common is said once; what differs from one to the next is mostly the host.
  const path = commonPath(bars.map(({ url }) => url));
  return {
    head: path === undefined ? method : `${method} ${path}`,
    rows: bars.map((bar, i) => rowOf(bar, path === undefined ? bar.url : new URL(bar.url).origin, bars[i + 1], endedAt, now)),
    left,
    note,
  };
}

/** The path and query that all URLs share, if they do. */
function commonPath(urls: readonly string[]): string | undefined {
  const paths = new Set(urls.map((url) => (URL.canParse(url) ? new URL(url).href.slice(new URL(url).origin.length) : undefined)));
  return paths.size === 1 ? [...paths][0] : undefined;
}

interface Row {
  readonly bar: Bar;
  readonly url: string;
  readonly number: string;
  readonly took: string;
  readonly wait: string;
  /** When the attempt ended, or how far it has come; and the same of the wait after it. */
  readonly to: number;
  readonly waitedUntil: number;
}

function rowOf(bar: Bar, url: string, next: Bar | undefined, endedAt: number | undefined, now: number): Row {
  const to = bar.to ?? endedAt ?? now;
  const waitEnd = bar.wait === undefined ? to : to + bar.wait;
  const waitedUntil = bar.wait === undefined ? to : Math.min(next?.from ?? endedAt ?? now, waitEnd);
  // A wait that goes on is counted down; afterwards it is what it was announced to be.
  const wait = next === undefined && endedAt === undefined ? waitEnd - now : bar.wait;
  return {
    bar,
    url,
    number: `${bar.number}/${bar.of === Infinity ? '∞' : bar.of}`,
    took: timeWords(to - bar.from),
    wait: bar.wait === undefined || wait === undefined ? '' : timeWords(wait),
    to,
    waitedUntil,
  };
}

interface Layout {
  readonly number: number;
  /** Whether URLs are shown with their `http://`. */
  readonly schemes: boolean;
  readonly url: number;
  readonly outcome: number;
  readonly took: number;
  readonly wait: number;
  /** 0 where the terminal is too narrow for bars. */
  readonly bars: number;
}

const gap = '  ';

/** The columns' widths: words keep their place, URLs yield, the bars take the rest. */
function layOut(blocks: readonly Block[], columns: number): Layout {
  const rows = blocks.flatMap((block) => block.rows);
  const widest = (least: number, most: number, texts: readonly string[]): number =>
    Math.min(
      most,
      texts.reduce((width, text) => Math.max(width, text.length), least),
    );
  const number = widest(
    3,
    9,
    rows.map((row) => row.number),
  );
  const outcome = widest(
    18,
    Math.max(18, Math.floor(columns * 0.3)),
    rows.map((row) => row.bar.outcome),
  );
  const took = widest(
    6,
    10,
    rows.map((row) => row.took),
  );
  const wait = widest(
    6,
    10,
    rows.map((row) => row.wait),
  );
  const free = columns - number - outcome - took - wait - 5 * gap.length;
  const mostUrl = Math.max(12, free - Math.max(16, Math.floor(columns / 2) - 24));
  const names = (schemes: boolean): string[] => [
    ...rows.map((row) => (schemes ? row.url : bare(row.url))),
    ...blocks.map((block) => block.head),
  ];
  // All or none with their schemes, or it would look as if these differed.
  const schemes = names(true).every((name) => name.length <= mostUrl);
  const url = widest(8, mostUrl, names(schemes));
  return { number, schemes, url, outcome, took, wait, bars: free - url < 6 ? 0 : free - url };
}

function bare(url: string): string {
  return url.replace(/^https?:\/\//, '');
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
  if (block.left > 0) lines.splice(1 + firstKept, 0, [[`${'⋮'.padStart(layout.number)}${gap}${block.left} more`, 'dim']]);
  const indent = ' '.repeat(layout.number) + gap;
  const note = block.note === undefined ? [] : wrap(block.note, columns - indent.length);
  return [...lines, ...note.map((text): Cell[] => [[indent + text, 'failed']])];
}

function lineOf(row: Row, axis: TimeAxis, layout: Layout): Cell[] {
  return [
    [fit(row.number.padStart(layout.number), layout.number) + gap, 'plain'],
    [fitMiddle(layout.schemes ? row.url : bare(row.url), layout.url) + gap, 'plain'],
    [fit(row.bar.outcome, layout.outcome) + gap, row.bar.state],
    [row.took.padStart(layout.took) + gap, 'plain'],
    [row.wait.padStart(layout.wait) + gap, 'dim'],
    ...(layout.bars > 0 ? barCells(row.bar, row.to, row.waitedUntil, axis) : []),
  ];
}
