// Prints the failed specs of jasmine (in Node) and Karma (in the browser) in a log file, which a report after them may
// have pushed far up: `node .ci/show-failures.js <file>`.
import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const log = stripVTControlCharacters(readFileSync(process.argv[2], 'utf8'));
const failures = [
  ...log.matchAll(/^Failures:\n[^]*?^\d+ specs?, .*$/gm),
  ...log.matchAll(/^.* FAILED\n(?:[ \t]+.*\n)*/gm),
];

for (const [text] of failures) console.log(text.slice(0, 20_000));
