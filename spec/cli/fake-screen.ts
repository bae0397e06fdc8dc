import type { Screen } from '../../src/cli/screen/screen.js';

/** A terminal that keeps its visible lines. It supports the control sequences that are sent to it, except colours. */
export class FakeScreen implements Screen {
  readonly isTTY = true;
  columns = 80;
  rows = 24;
  writes = 0;
  readonly lines: string[] = [''];
  #row = 0;

  write(text: string): void {
    this.writes += 1;
    for (const [piece] of text.matchAll(/\x1b\[\d*[A-Za-z]|\n| *\r|[^\x1b\n\r]+/g)) this.#put(piece);
  }

  #put(piece: string): void {
    const up = /^\x1b\[(\d+)F$/.exec(piece);
    if (up) this.#row -= Number(up[1]);
    // A full line of blanks ends in the next line, unless the cursor is at the start of an empty one.
    else if (piece.endsWith('\r')) this.#row += this.lines[this.#row] === '' ? 0 : 1;
    else if (piece === '\n') this.lines[(this.#row += 1)] ??= '';
    else if (piece === '\x1b[J') this.lines.splice(this.#row, Infinity, '');
    else if (!piece.startsWith('\x1b')) this.lines[this.#row] = piece;
  }
}
