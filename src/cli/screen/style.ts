/** How a drawing is to look. */
export interface Canvas {
  /** Cells in a line. No line is longer, or a terminal would break it and the next drawing would miss its place. */
  readonly columns: number;
  readonly colour: boolean;
  /** Whether nothing is drawn after it, so that its axis may end where its bars do. */
  readonly final: boolean;
}

/** What a piece of text stands for, which decides its colour. */
export type Style = 'plain' | 'dim' | 'running' | 'retried' | 'succeeded' | 'failed' | 'cancelled';

/** A piece of a line in one ink. */
export type StyledText = readonly [text: string, ink: Style];

// The terminal's own palette: its user chose it to be readable on its background.
const STYLE_CODES: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '2',
  running: '36',
  retried: '33',
  succeeded: '32',
  failed: '31',
  cancelled: '35',
};

/** One line: its cells one after the other, cut at the canvas' edge, without blanks at the end. */
export function renderLine(cells: readonly StyledText[], canvas: Canvas): string {
  let room = Math.min(
    canvas.columns,
    cells
      .map(([text]) => text)
      .join('')
      .trimEnd().length,
  );
  let line = '';
  for (const [text, ink] of cells) {
    const shown = text.slice(0, room);
    room -= shown.length;
    line += canvas.colour && STYLE_CODES[ink] !== '' && shown.trim() !== '' ? `\x1b[${STYLE_CODES[ink]}m${shown}\x1b[0m` : shown;
  }
  return line;
}

/** Text in exactly so many cells: filled with blanks, or cut with a `…`. */
export function fitWidth(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, Math.max(0, width - 1))}…`.slice(0, width);
}

/** Text in exactly so many cells, cut in its middle: of a URL host and end tell most. */
export function truncateMiddle(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${tail > 0 ? text.slice(-tail) : ''}`;
}
