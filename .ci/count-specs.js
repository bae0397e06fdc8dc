// Adds up the results of jasmine (in Node), Karma (in the browser) and the recipes in a log file: `node
// .ci/count-specs.js <file>`.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const log = stripVTControlCharacters(readFileSync(process.argv[2], 'utf8'));
const runs = [
  ...log.matchAll(/^(?<all>\d+) specs?, (?<failed>\d+) failures?(?:, (?<skipped>\d+) pending specs?)?/gm),
  ...log.matchAll(/: Executed (?<all>\d+) of \d+ .*$/gm),
  ...log.matchAll(/^recipes: (?<passed>\d+) passed, (?<failed>\d+) failed$/gm),
].map(({ 0: line, groups }) => {
  const failed = Number(groups.failed ?? /\((\d+) FAILED\)/.exec(line)?.[1] ?? 0);
  return { passed: Number(groups.passed ?? groups.all - failed - Number(groups.skipped ?? 0)), failed };
});
const sum = (count) => runs.reduce((total, run) => total + count(run), 0);

if (runs.length > 0) console.log(`${sum((run) => run.passed)} passed, ${sum((run) => run.failed)} failed`);
