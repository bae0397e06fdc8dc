/** The size and appearance of a drawing. */
export interface Canvas {
  /** The cells of a line. A longer line would wrap, and the next drawing would start at the wrong line. */
  readonly columns: number;
  readonly hasColour: boolean;
  /** Whether it is the last drawing, so that its axis can end with its bars. */
  readonly isFinal: boolean;
}

/** The meaning of a text, which decides its colour. */
export type Style =
  'plain' | 'dim' | 'held' | 'running' | 'retried' | 'succeeded' | 'failed' | 'cancelled' | 'load' | 'goodput';

/** A part of a line in one style. */
export type StyledText = readonly [text: string, style: Style];

// Colours of the terminal's own palette, which its user chose to be readable on the background.
const STYLE_CODES: Readonly<Record<Style, string>> = {
  plain: '',
  dim: '2',
  held: '34',
  running: '36',
  retried: '33',
  succeeded: '32',
  failed: '31',
  cancelled: '35',
  // Magenta and green differ for readers with a colour deficiency, too.
  load: '35',
  goodput: '32',
};

/** Renders a line, cut at the edge of the canvas and without blanks at its end. */
export function renderLine(texts: readonly StyledText[], canvas: Canvas): string {
  let room = Math.min(
    canvas.columns,
    texts
      .map(([text]) => text)
      .join('')
      .trimEnd().length,
  );
  let line = '';
  for (const [text, style] of texts) {
    const visible = text.slice(0, room);
    room -= visible.length;
    const code = STYLE_CODES[style];
    line += canvas.hasColour && code !== '' && visible.trim() !== '' ? `\x1b[${code}m${visible}\x1b[0m` : visible;
  }
  return line;
}

/** Fits a text into `width` cells: pads it with blanks, or cuts its end off with a `…`. */
export function fitWidth(text: string, width: number): string {
  return text.length <= width ? text.padEnd(width) : `${text.slice(0, Math.max(0, width - 1))}…`.slice(0, width);
}

/** Fits a text into `width` cells: pads it, or cuts out its middle. In a URL, the host and the end matter most. */
export function truncateMiddle(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${tail > 0 ? text.slice(-tail) : ''}`;
}
