import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Returns the paths of the files that npm packs. */
export function packedFiles(root) {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output)[0].files.map(({ path }) => path);
}

/** Checks the relative links of packed pages: each must lead to a packed file, and its fragment to a heading of that page. */
export function checkLinks(root, pages, packed) {
  const headings = new Map(pages.map((page) => [page, headingIds(readPage(root, page))]));
  const checked = pages.flatMap((page) => linksOf(readPage(root, page)).map((link) => ({ ...link, page })));
  const dead = checked.flatMap(({ page, line, target }) => {
    const [path, fragment] = target.split('#', 2);
    const file = path === '' ? page : posix.join(posix.dirname(page), decodeURI(path));
    if (!packed.includes(file)) return [`${page}:${line} links to ${target}: the package does not contain ${file}`];
    if (fragment === undefined || !headings.has(file) || headings.get(file).has(fragment)) return [];
    return [`${page}:${line} links to ${target}: ${file} has no heading #${fragment}`];
  });
  return { count: checked.length, dead };
}

/** The lines of a page. Lines of code blocks are empty: what looks like a link or a heading there is none. */
function readPage(root, page) {
  let isCode = false;
  return readFileSync(join(root, page), 'utf8')
    .split(/\r?\n/)
    .map((line) => {
      const isFence = /^ *```/.test(line);
      if (isFence) isCode = !isCode;
      return isFence || isCode ? '' : line;
    });
}

function linksOf(lines) {
  const link = /\]\((?<inline>[^)\s]+)[^)]*\)|^\[[^\]]+\]: *(?<reference>\S+)|\b(?:href|src)="(?<html>[^"]+)"/g;
  return lines.flatMap((line, index) =>
    [...line.replaceAll(/`[^`]*`/g, '').matchAll(link)]
      .map(({ groups: { inline, reference, html } }) => ({ line: index + 1, target: inline ?? reference ?? html }))
      .filter(({ target }) => !/^[a-z][a-z\d+.-]*:/i.test(target)),
  );
}

/** The ids that GitHub gives to headings. */
function headingIds(lines) {
  const ids = new Set();
  for (const line of lines) {
    const { title } = /^#{1,6} +(?<title>.*?) *#*$/.exec(line)?.groups ?? {};
    if (title === undefined) continue;
    const words = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const id = words.replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replaceAll(/\s/g, '-');
    let unique = id;
    for (let n = 1; ids.has(unique); n += 1) unique = `${id}-${n}`;
    ids.add(unique);
  }
  return ids;
}
