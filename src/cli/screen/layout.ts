import type { RequestRows, Row } from './request-rows.js';

/** The widths of the columns, in terminal cells. */
export interface Layout {
  readonly number: number;
  /** Whether URLs are shown with their `http://`. */
  readonly showsSchemes: boolean;
  readonly url: number;
  readonly outcome: number;
  readonly took: number;
  readonly wait: number;
  /** 0 if the terminal is too narrow for bars. */
  readonly bars: number;
}

/** The space between two columns. */
export const COLUMN_GAP = '  ';

/** Fits the columns into a line. Texts keep their width, long URLs are shortened, and the bars take the rest. */
export function computeLayout(requests: readonly RequestRows[], columns: number): Layout {
  const rows = requests.flatMap((request) => request.rows);
  const column = (min: number, max: number, text: (row: Row) => string): number =>
    columnWidth(rows.map(text), min, max);
  // The minimum widths fit the usual texts, so that the columns seldom move while the waterfall grows.
  const number = column(3, 9, (row) => row.number);
  const outcome = column(18, Math.max(18, Math.floor(columns * 0.3)), (row) => row.bar.outcome);
  const took = column(6, 10, (row) => row.took);
  const wait = column(6, 10, (row) => row.wait);
  const free = columns - number - outcome - took - wait - 5 * COLUMN_GAP.length;
  const maxUrl = Math.max(12, free - Math.max(16, Math.floor(columns / 2) - 24));
  const headings = requests.map((request) => request.heading);
  const urls = [...rows.map((row) => row.url), ...headings];
  // Schemes are shown for all URLs or for none. Otherwise the URLs would seem to differ in them.
  const showsSchemes = urls.every((text) => text.length <= maxUrl);
  const url = columnWidth(showsSchemes ? urls : [...rows.map((row) => withoutScheme(row.url)), ...headings], 8, maxUrl);
  return { number, showsSchemes, url, outcome, took, wait, bars: free - url < 6 ? 0 : free - url };
}

/** Removes `http://` or `https://` from a URL. */
export function withoutScheme(url: string): string {
  return url.replace(/^https?:\/\//, '');
}

function columnWidth(texts: readonly string[], min: number, max: number): number {
  return Math.min(
    max,
    texts.reduce((width, text) => Math.max(width, text.length), min),
  );
}
