/** The part of a Node stream that a display needs. `process.stdout` and `process.stderr` fit. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Returns a number of columns or rows, if it is known. A terminal whose size was never set reports 0. */
export function definedSize(cells: number | undefined): number | undefined {
  return cells === 0 ? undefined : cells;
}

/**
 * Returns the text that moves the cursor to the start of an empty line.
 *
 * After another program's output, the column of the cursor is unknown. A full line of blanks ends in the next line
 * exactly if the cursor was not at the start of its line.
 */
export function startNewLine(screen: Screen): string {
  const columns = definedSize(screen.columns);
  return columns === undefined ? '\n' : `${' '.repeat(columns)}\r`;
}
