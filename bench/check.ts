// Sets what the package costs against bench/budget.json: `npm run bench:check`. Only sizes and ratios: absolute times would say something
// about the machine. How often each is measured is fixed beforehand, and nothing is measured again because it came out badly.
import { readFile } from 'node:fs/promises';

import { judge, readBudget } from './budget.js';
import { buildPackage, compileWorkers, DIST } from './build.js';
import { AT_ONCE, CLIENT, FROM_FETCH, LISTENED, only, OPERATOR, PENDING, RXJS_RETRY, STUB } from './cases.js';
import { growth, pendingRounds, requestRounds, type Setting } from './compete.js';
import { markdownTable } from './markdown.js';
import { flatnessOf, roundsOf } from './results.js';
import { OWN_BUNDLES, sizeOf } from './sizes.js';
import { median, ratios } from './statistics.js';

async function measure(): Promise<Record<string, number>> {
  await buildPackage();
  const folder = await compileWorkers();
  const setting: Setting = { folder, dist: DIST, server: '', rounds: 15 };
  const stub = await requestRounds(only(STUB, [FROM_FETCH, CLIENT, LISTENED]), setting);
  const waiting = await growth(only(PENDING, [OPERATOR, CLIENT]), setting);
  const pending = await pendingRounds(only(PENDING, [RXJS_RETRY, OPERATOR, AT_ONCE]), setting);
  // Heap is the same in every round.
  const [reference] = roundsOf(pending, RXJS_RETRY);
  const cpuOf = (who: string): number[] => roundsOf(pending, who).map(({ cpu }) => cpu);
  const toRetry = (who: string): number => median(ratios(cpuOf(who), cpuOf(RXJS_RETRY)));
  const toFromFetch = (who: string): number => median(ratios(roundsOf(stub, who), roundsOf(stub, FROM_FETCH)));
  const heap = (who: string): number => roundsOf(waiting, who).heap;
  const flatness = (who: string): number => flatnessOf(roundsOf(waiting, who));
  return {
    'size of import { RetryClient }': await sizeOf(OWN_BUNDLES.client),
    'size of import { retryWithStrategy, exponential }': await sizeOf(OWN_BUNDLES.operator),
    'stub: get / RxJS fromFetch': toFromFetch(CLIENT),
    'stub: get, attempts$ listened to / RxJS fromFetch': toFromFetch(LISTENED),
    'pending heap: get / RxJS retry': heap(CLIENT) / (reference?.heap ?? NaN),
    'pending heap: retryWithStrategy / RxJS retry': heap(OPERATOR) / (reference?.heap ?? NaN),
    'pending CPU: get, answered at once / RxJS retry': toRetry(AT_ONCE),
    'pending CPU: retryWithStrategy / RxJS retry': toRetry(OPERATOR),
    'pending: flatness of get': flatness(CLIENT),
    'pending: flatness of retryWithStrategy': flatness(OPERATOR),
  };
}

const budget = readBudget(await readFile(new URL('budget.json', import.meta.url), 'utf8'));
const { table, over } = judge(budget, await measure());
console.log(markdownTable(table));
for (const sentence of over) console.error(`\n${sentence}`);
process.exitCode = over.length > 0 ? 1 : 0;
