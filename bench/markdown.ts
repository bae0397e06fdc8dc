import type { Table } from './results.js';

/** Formats a Markdown table that is readable as plain text: the first column is aligned left, all others right. */
export function markdownTable({ columns, rows }: Table): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, 3, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, index) => (index === 0 ? (cells[index] ?? '').padEnd(width) : (cells[index] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `|${widths.map((width, index) => (index === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}

/**
 * Replaces the text between the two comments with this name, and keeps the rest of the document.
 *
 * @throws Error if the document does not have both comments
 */
export function replaceSection(document: string, name: string, text: string): string {
  const from = `<!-- bench: ${name} -->`;
  const to = `<!-- end of ${name} -->`;
  const start = document.indexOf(from);
  const end = document.indexOf(to);
  if (start === -1 || end < start) throw new Error(`the document has no "${from}" with a "${to}" after it`);
  return `${document.slice(0, start + from.length)}\n\n${text}\n\n${document.slice(end)}`;
}
