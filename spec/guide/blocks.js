/**
 * Returns what a guide says, in its order, as steps. Its blocks of code say themselves where they belong:
 *
 * - `sh` that creates an application with `ng new`: its lines are commands. Other `sh` blocks are not looked at.
 * - `ts` after a comment such as `<!-- …/src/app/banner.ts -->`, which names a file that the block is a copy of: this is
 *   the whole file. After the name of another file it is a recipe, which is not looked at.
 * - `ts` whose first line is such a comment, in TypeScript's own syntax: the whole file.
 * - `ts` without a name: code that compiles by itself, with the version of a mark such as `needs Angular 22` only.
 * - `diff` whose first line is such a comment, in the file's own syntax: lines to add (`+`), lines to remove (`-`), and
 *   lines between which they stand. Empty lines separate changes. A change without another line belongs to the head of
 *   the file.
 *
 * @returns {{
 *   line: number;
 *   kind: 'commands' | 'file' | 'code' | 'changes';
 *   path?: string;
 *   version?: string;
 *   lines: string[];
 * }[]}
 */
export function readSteps(guide) {
  const fences = guide.matchAll(
    /(?:<!-- (?<file>\S+) -->\n+)?^```(?<language>sh|ts|diff)\b(?<mark>.*)\n(?<code>[^]*?)^```$/gm,
  );
  return [...fences].flatMap(({ index, groups: { file, language, mark, code } }) => {
    const line = guide.slice(0, index).split('\n').length;
    const lines = code.trimEnd().split('\n');
    if (language === 'sh') return code.includes('ng new ') ? [{ line, kind: 'commands', lines }] : [];
    if (language === 'ts') {
      const [path = pathOf(lines[0])] = /src\/app\/\S+$/.exec(file) ?? [];
      if (file && !path) return [];
      const [, version] = /needs Angular (\d+)/.exec(mark) ?? [];
      return [{ line, kind: path ? 'file' : 'code', path, version, lines }];
    }
    const path = pathOf(lines[0]);
    if (!path) throw new Error(`Line ${line} of the guide begins a change of no file: its first line must name one.`);
    return [{ line, kind: 'changes', path, lines: lines.slice(1) }];
  });
}

/** Returns the path in a comment that is a path and nothing else. */
function pathOf(line) {
  const { name } = /^ ?(?:\/\/|<!--) (?<name>[\w./-]+\.\w+)(?: -->)?$/.exec(line)?.groups ?? {};
  if (name === undefined) return undefined;
  if (name.startsWith('src/')) return name;
  throw new Error(`The guide names the file ${name}: a path must begin with src/, so that a reader finds it.`);
}

/**
 * Returns the text of a file with changes. Lines to add that follow each other are not added again if the file has them
 * all. Throws if the file has no line that a change is about.
 */
export function applyChanges(text, lines) {
  let result = text;
  for (const change of lines.join('\n').split(/\n\s*\n/)) result = applyChange(result, change.split('\n'));
  return result;
}

function applyChange(text, change) {
  const lines = text.split('\n');
  const rest = change.filter((line, index) => !line.startsWith('+') || !isThere(text, additionAround(change, index)));
  // Where the next line goes: before the first line that the change is about, or at the head of the file.
  const first = rest.find((line) => !line.startsWith('+'));
  let at = first === undefined ? 0 : indexOf(lines, first.slice(1), 0);
  for (const line of rest) {
    if (line.startsWith('+')) {
      lines.splice(at, 0, line.slice(1));
      at += 1;
    } else {
      at = indexOf(lines, line.slice(1), at);
      if (line.startsWith('-')) lines.splice(at, 1);
      else at += 1;
    }
  }
  return lines.join('\n');
}

/** Returns the lines to add around one of them. A line such as `}),` alone says nothing: other code ends with it, too. */
function additionAround(change, index) {
  const isAdded = (line) => line.startsWith('+');
  const start = change.findLastIndex((line, at) => at < index && !isAdded(line)) + 1;
  const end = change.findIndex((line, at) => at > index && !isAdded(line));
  return change.slice(start, end < 0 ? undefined : end);
}

function isThere(text, addition) {
  return addition.every((line) => text.includes(line.slice(1).trim().replace(/,$/, '')));
}

function indexOf(lines, wanted, from) {
  const at = lines.findIndex((line, index) => index >= from && line.trim() === wanted.trim());
  if (at < 0) throw new Error(`The guide changes "${wanted.trim()}", which is not in the file:\n${lines.join('\n')}`);
  return at;
}
