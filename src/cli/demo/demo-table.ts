import { formatDuration } from '../format.js';
import { fitWidth } from '../screen/style.js';
import type { DemoResult } from './demo-result.js';

/** Formats the results as a table with a line per request. The last column is cut at the edge of the screen. */
export function formatDemoTable(results: readonly DemoResult[], columns: number): string {
  const rows = results.map(({ label, attempts, outcome, total, body }) => [
    label,
    String(attempts),
    outcome,
    formatDuration(total),
    body,
  ]);
  const table = [['request', 'attempts', 'outcome', 'total', 'body'], ...rows];
  const widths = table.reduce<number[]>(
    (widest, row) => row.map((cell, i) => Math.max(widest[i] ?? 0, cell.length)),
    [],
  );
  const used = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  return table
    .map((row) => {
      const cells = row
        .slice(0, -1)
        .map((cell, i) => (i === 1 || i === 3 ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)));
      return `${[...cells, fitWidth(row.at(-1) ?? '', Math.max(10, columns - used))].join('  ').trimEnd()}\n`;
    })
    .join('');
}
