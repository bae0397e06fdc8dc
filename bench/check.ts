// Sets what the package costs against bench/budget.json: `npm run bench:check`. Only sizes and ratios: absolute times would say something
// about the machine. How often each is measured is fixed beforehand, and nothing is measured again because it came out badly.
import { readFile } from 'node:fs/promises';

import { judge, readBudget } from './budget.js';
import { buildPackage, compileWorkers, DIST } from './build.js';
import { FROM_FETCH, only, OPERATOR, OURS, PENDING, RXJS_RETRY, STUB } from './cases.js';
import { growthRounds, requestRounds, type Setting } from './compete.js';
import { markdownTable } from './markdown.js';
import { flatnessOf, pick, roundsOf } from './results.js';
import { OWN_BUNDLES, sizeOf } from './sizes.js';
import { median, ratios } from './statistics.js';

const GET = `${OURS}: get`;
const LISTENED = `${OURS}: get, attempts$ listened to`;

async function measure(): Promise<Record<string, number>> {
  await buildPackage();
  const folder = await compileWorkers();
  const setting: Setting = { folder, dist: DIST, server: '', rounds: 15 };
  const stub = await requestRounds(only(STUB, [FROM_FETCH, GET, LISTENED]), setting);
  const growth = await growthRounds(only(PENDING, [RXJS_RETRY, OPERATOR, GET]), setting);
  const toFromFetch = (who: string): number => median(ratios(roundsOf(stub, who), roundsOf(stub, FROM_FETCH)));
  const heap = (who: string): number[] => pick(roundsOf(growth, who), 'heap');
  return {
    'size of import { RetryClient }': await sizeOf(OWN_BUNDLES.client),
    'size of import { retryWithStrategy, exponential }': await sizeOf(OWN_BUNDLES.operator),
    'stub: get / RxJS fromFetch': toFromFetch(GET),
    'stub: get, attempts$ listened to / RxJS fromFetch': toFromFetch(LISTENED),
    'pending heap: get / RxJS retry': median(ratios(heap(GET), heap(RXJS_RETRY))),
    'pending heap: retryWithStrategy / get': median(ratios(heap(OPERATOR), heap(GET))),
    'pending: flatness of get': flatnessOf(roundsOf(growth, GET)),
    'pending: flatness of retryWithStrategy': flatnessOf(roundsOf(growth, OPERATOR)),
  };
}

const budget = readBudget(await readFile(new URL('budget.json', import.meta.url), 'utf8'));
const { table, over } = judge(budget, await measure());
console.log(markdownTable(table));
for (const sentence of over) console.error(`\n${sentence}`);
process.exitCode = over.length > 0 ? 1 : 0;
