/** A column of a table: texts are aligned to the left, and numbers to the right. */
export type Alignment = 'left' | 'right';

/** Returns the lines of a table, whose columns are as wide as their widest cell. */
export function alignColumns(
  rows: readonly (readonly string[])[],
  alignments: readonly Alignment[],
  gap = 2,
): string[] {
  const widths = alignments.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return alignments[column] === 'left' ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}
