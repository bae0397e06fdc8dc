import type { Screen } from '../../src/cli/screen/screen.js';

/** A terminal that knows the few control sequences that are sent to it, but no colours, and keeps what can be seen. */
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
    // Blanks across the screen: they end in the next line unless this one is empty.
    else if (piece.endsWith('\r')) this.#row += this.lines[this.#row] === '' ? 0 : 1;
    else if (piece === '\n') this.lines[(this.#row += 1)] ??= '';
    else if (piece === '\x1b[J') this.lines.splice(this.#row, Infinity, '');
    else if (!piece.startsWith('\x1b')) this.lines[this.#row] = piece;
  }
}
