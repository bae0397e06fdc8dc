import { parseArgs } from 'node:util';

import { soak, type SoakReport } from './soak.js';

/** The table of faults, attempts and outcomes. */
function table({ rows }: SoakReport): string {
  const lines = [...rows].sort(([one], [other]) => one.localeCompare(other)).map(([scenario, row]) => {
    const outcomes = [...row.outcomes].sort(([, one], [, other]) => other - one).map(([outcome, count]) => `${outcome} ${String(count)}`);
    return `${scenario.padEnd(32)}${String(row.requests).padStart(8)}${String(row.attempts).padStart(10)}  ${outcomes.join(', ')}`;
  });
  return [`${'fault'.padEnd(32)}${'requests'.padStart(8)}${'attempts'.padStart(10)}  outcomes`, ...lines].join('\n');
}

const { values } = parseArgs({
  options: {
    requests: { type: 'string' },
    concurrency: { type: 'string', default: '256' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
  },
});
const seed = Number(values.seed);
const requests = values.requests === undefined ? Infinity : Number(values.requests);
const seconds = values.seconds === undefined ? (values.requests === undefined ? 60 : Infinity) : Number(values.seconds);

console.log(`seed ${String(seed)}: npm run soak -- --seed ${String(seed)} sends the same requests again`);
const report = await soak({ seed, requests, seconds, concurrency: Number(values.concurrency) });
console.log(table(report));
console.log(`${String(report.requests)} requests in ${report.seconds.toFixed(1)} s, ${String(report.violations.length)} violations`);
for (const violation of report.violations.slice(0, 50)) console.log(`  ${violation}`);
process.exitCode = report.violations.length > 0 ? 1 : 0;
