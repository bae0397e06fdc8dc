/** The dots of a cell. */
export const DOTS_ACROSS = 2;
export const DOTS_DOWN = 4;

/** The bit of each dot in a braille character, by row and column (Unicode, section 21.1). */
const BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

const BLANK = 0x2800;

/** Returns the character of a cell. A cell without dots is a blank, which all fonts have. */
export function brailleCell(hasDot: (row: number, column: number) => boolean): string {
  let bits = 0;
  for (const [row, columns] of BITS.entries()) {
    for (const [column, bit] of columns.entries()) if (hasDot(row, column)) bits |= bit;
  }
  return bits === 0 ? ' ' : String.fromCharCode(BLANK + bits);
}

const BLOCKS = ' ▁▂▃▄▅▆▇█';

/** Returns the block that fills a part of a cell from below: nothing for 0 or less, and all of it for 1 or more. */
export function blockCell(part: number): string {
  return BLOCKS.charAt(Math.round(Math.max(0, Math.min(1, part)) * 8));
}
