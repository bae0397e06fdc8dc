import type { RequestRows, Row } from './request-rows.js';

/** The columns' widths. */
export interface Layout {
  readonly number: number;
  /** Whether URLs are shown with their `http://`. */
  readonly showsSchemes: boolean;
  readonly url: number;
  readonly outcome: number;
  readonly took: number;
  readonly wait: number;
  /** 0 where the terminal is too narrow for bars. */
  readonly bars: number;
}

/** What stands between two columns. */
export const COLUMN_GAP = '  ';

/** Fits the columns into a line: words keep their place, URLs yield, the bars take the rest. */
export function computeLayout(blocks: readonly RequestRows[], columns: number): Layout {
  const rows = blocks.flatMap((block) => block.rows);
  const column = (min: number, max: number, text: (row: Row) => string): number =>
    columnWidth(rows.map(text), min, max);
  // The least widths hold what is usual, so that the picture seldom moves while it grows.
  const number = column(3, 9, (row) => row.number);
  const outcome = column(18, Math.max(18, Math.floor(columns * 0.3)), (row) => row.bar.outcome);
  const took = column(6, 10, (row) => row.took);
  const wait = column(6, 10, (row) => row.wait);
  const free = columns - number - outcome - took - wait - 5 * COLUMN_GAP.length;
  const maxUrl = Math.max(12, free - Math.max(16, Math.floor(columns / 2) - 24));
  const heads = blocks.map((block) => block.head);
  const names = [...rows.map((row) => row.url), ...heads];
  // All or none with their schemes, or it would look as if these differed.
  const schemes = names.every((name) => name.length <= maxUrl);
  const url = columnWidth(schemes ? names : [...rows.map((row) => withoutScheme(row.url)), ...heads], 8, maxUrl);
  return { number, showsSchemes: schemes, url, outcome, took, wait, bars: free - url < 6 ? 0 : free - url };
}

/** A URL without its `http://`. */
export function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, '');
}

function columnWidth(texts: readonly string[], min: number, max: number): number {
  return Math.min(
    max,
    texts.reduce((width, text) => Math.max(width, text.length), min),
  );
}
