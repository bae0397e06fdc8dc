import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What may stand after `ts` on the line that opens a block. Rendered pages do not show it. */
const marks = ['no-run', 'fails'];

/**
 * Returns the blocks of a file that are fenced as `ts`, with their marks:
 *
 * - `ts no-run: <reason>`: the block is compiled and not run.
 * - `ts fails: <text>`: the block must write this text to standard error when it runs.
 *
 * In a source file each line of a doc comment has a margin. The margin of the opening fence is removed from every line.
 */
export function findBlocks(root, file) {
  const fence = file.endsWith('.md')
    ? /^(?<margin> *)```(?:ts|typescript)\b(?<info>.*)$/
    : /^(?<margin> *\* ?)```(?:ts|typescript)\b(?<info>.*)$/;
  const blocks = [];
  let open;
  const lines = readFileSync(join(root, file), 'utf8').split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (open === undefined) {
      const { margin, info } = fence.exec(line)?.groups ?? {};
      if (margin === undefined) continue;
      open = {
        file,
        line: index + 1,
        margin: margin.length,
        lines: [],
        ...readMark(info.trim(), `${file}:${index + 1}`),
      };
      if (open.mark === undefined && isRecipe(root, lines, index)) open.mark = 'recipe';
    } else if (line.slice(open.margin).startsWith('```')) {
      blocks.push(open);
      open = undefined;
    } else {
      open.lines.push(line.slice(open.margin));
    }
  }
  if (open !== undefined) throw new Error(`${file}:${open.line} begins a block that does not end.`);
  return blocks;
}

function readMark(info, place) {
  if (info === '') return { mark: undefined, text: '' };
  const { mark, text } = /^(?<mark>[\w-]+): (?<text>.+)$/.exec(info)?.groups ?? {};
  if (marks.includes(mark)) return { mark, text };
  throw new Error(
    `${place}: unknown mark "${info}"; expected ${marks.map((name) => `"${name}: <text>"`).join(' or ')}.`,
  );
}

/** `npm run test:recipes` runs the blocks that have a comment with the name of their file before them. */
function isRecipe(root, lines, index) {
  const before = lines.slice(0, index).findLast((line) => line !== '') ?? '';
  const { name } = /^<!-- (?<name>\S+) -->$/.exec(before)?.groups ?? {};
  return name !== undefined && existsSync(join(root, 'spec/recipes', name));
}
