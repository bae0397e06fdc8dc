// Sends thousands of requests to the hostile server, and checks each one: `npm run soak`.
import { readSoakArguments, SoakUsageError } from './arguments.js';
import { soak, type SoakOptions } from './soak.js';
import { formatTable } from './table.js';

/** The most violations that are printed. */
const MAX_PRINTED = 50;

async function run(options: SoakOptions): Promise<boolean> {
  const { seed, requests, seconds, concurrency, gates } = options;
  const size = [
    ...(requests < Infinity ? [`${requests} requests`] : []),
    ...(seconds < Infinity ? [`${seconds} s`] : []),
  ].join(' or ');
  console.log(
    `seed ${seed}, ${size}, ${concurrency} at a time; npm run soak -- --seed ${seed}${gates ? ' --gates' : ''} sends the same requests again`,
  );
  const report = await soak(options);
  const { violations } = report;
  console.log(formatTable(report));
  console.log(`heap: ${Math.round(report.heapGrowth / 1024)} KiB more than after the first third of the requests`);
  console.log(`${report.requests} requests in ${report.seconds.toFixed(1)} s, ${violations.length} violations`);
  for (const violation of violations.slice(0, MAX_PRINTED)) console.log(`  ${violation}`);
  if (violations.length > MAX_PRINTED) console.log(`  and ${violations.length - MAX_PRINTED} more`);
  return violations.length === 0;
}

try {
  process.exitCode = (await run(readSoakArguments(process.argv.slice(2)))) ? 0 : 1;
} catch (error) {
  if (!(error instanceof SoakUsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
