// Sums up what jasmine (in Node) and Karma (in the browser) said at the end of their runs, which the given file holds.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const log = stripVTControlCharacters(readFileSync(process.argv[2], 'utf8'));
const runs = [
  ...log.matchAll(/^(?<all>\d+) specs?, (?<failed>\d+) failures?(?:, (?<skipped>\d+) pending specs?)?/gm),
  ...log.matchAll(/: Executed (?<all>\d+) of \d+ .*$/gm),
].map(({ 0: line, groups }) => ({
  all: Number(groups.all),
  failed: Number(groups.failed ?? /\((\d+) FAILED\)/.exec(line)?.[1] ?? 0),
  skipped: Number(groups.skipped ?? 0),
}));
const sum = (count) => runs.reduce((total, run) => total + count(run), 0);

if (runs.length > 0) console.log(`${sum((run) => run.all - run.failed - run.skipped)} passed, ${sum((run) => run.failed)} failed`);
