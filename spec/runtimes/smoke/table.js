// The table of docs/platforms.md: `node spec/runtimes/smoke/table.js --write` writes it there.
import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';

import { known, runtimes } from './known.js';

const page = fileURLToPath(new URL('../../../docs/platforms.md', import.meta.url));
const BEGIN = '<!-- From spec/runtimes/smoke/known.js: do not edit. -->\n';
const END = '<!-- End of the table. -->\n';

/** The rows as Markdown: a column for each runtime, with a mark where it cannot. */
export function table() {
  const head = ['cannot', ...runtimes, 'what follows', 'what to use'];
  const rows = known.map(({ cannot, runtimes: where, consequence, instead }) => [
    cannot,
    ...runtimes.map((runtime) => (where.includes(runtime) ? '✗' : '')),
    consequence,
    instead,
  ]);
  const rule = head.map((_, at) => (at > 0 && at <= runtimes.length ? ':-:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** The table that is in the page. */
export function tableOfPage() {
  return split()[1];
}

function split() {
  const text = readFileSync(page, 'utf8');
  const start = text.indexOf(BEGIN) + BEGIN.length;
  const end = text.indexOf(END);
  if (start < BEGIN.length || end < 0) throw new Error('docs/platforms.md has no place for the table of runtimes');
  return [text.slice(0, start), text.slice(start, end), text.slice(end)];
}

if (argv[1] === fileURLToPath(import.meta.url) && argv.includes('--write')) {
  const [before, , after] = split();
  writeFileSync(page, `${before}\n${table()}\n${after}`);
}
