// Compares the costs of the package with bench/budget.json: `npm run bench:check`. It checks sizes and ratios,
// because absolute times depend on the machine; a simulation has a time that is long for every machine. The number of rounds is fixed, and no bad result is measured again: the
// best of many tries would hide a regression.
import { readFile } from 'node:fs/promises';

import { checkBudget, readBudget } from './budget.js';
import { buildPackage, compileWorkers, DIST } from './build.js';
import {
  CLIENT_SYNC,
  CLIENT,
  CLIENT_HELD,
  CLIENT_WAKEABLE,
  CLIENT_WITH_HEDGING,
  CLIENT_WITH_TELEMETRY,
  CLIENT_WITH_THREE_GATES,
  FROM_FETCH,
  CLIENT_WITH_LISTENER,
  withSubjects,
  OPERATOR,
  PENDING,
  RXJS_RETRY,
  STUB,
} from './cases.js';
import { markdownTable } from './markdown.js';
import { measureGrowth, measurePending, measureRequests, type BenchSetup } from './measure.js';
import { flatnessOf, roundsOf } from './results.js';
import { FLEET, LARGE_FLEET, measureSimulations, REQUESTS_PER_MINUTE, SLOW_FLEET } from './simulations.js';
import { OWN_BUNDLES, measureSize } from './sizes.js';
import { median, ratios } from './statistics.js';

async function measure(): Promise<Record<string, number>> {
  await buildPackage();
  const folder = await compileWorkers();
  const setup: BenchSetup = { folder, dist: DIST, server: '', rounds: 15 };
  const stub = await measureRequests(
    withSubjects(STUB, [
      FROM_FETCH,
      CLIENT,
      CLIENT_WITH_LISTENER,
      CLIENT_WITH_THREE_GATES,
      CLIENT_WITH_HEDGING,
      CLIENT_WITH_TELEMETRY,
    ]),
    setup,
  );
  const growth = await measureGrowth(withSubjects(PENDING, [OPERATOR, CLIENT, CLIENT_WAKEABLE, CLIENT_HELD]), setup);
  const pending = await measurePending(withSubjects(PENDING, [RXJS_RETRY, OPERATOR, CLIENT_SYNC]), setup);
  // The heap is the same in every round, so the first is enough.
  const [reference] = roundsOf(pending, RXJS_RETRY);
  const cpuOf = (subject: string): number[] => roundsOf(pending, subject).map(({ cpu }) => cpu);
  const cpuRatio = (subject: string): number => median(ratios(cpuOf(subject), cpuOf(RXJS_RETRY)));
  const stubRatio = (subject: string, to = FROM_FETCH): number =>
    median(ratios(roundsOf(stub, subject), roundsOf(stub, to)));
  const heapOf = (subject: string): number => roundsOf(growth, subject).heap;
  const flatness = (subject: string): number => flatnessOf(roundsOf(growth, subject));
  const simulations = await measureSimulations(3, [FLEET, SLOW_FLEET, LARGE_FLEET]);
  const simulatedCost = (fleet: string): number => median(roundsOf(simulations, fleet));
  return {
    'size of import { RetryClient }': await measureSize(OWN_BUNDLES.client),
    'size of import { retryWithStrategy, exponential }': await measureSize(OWN_BUNDLES.operator),
    'size of import { waterfall } from rxjs-retry-client/waterfall': await measureSize(OWN_BUNDLES.waterfall),
    'size of all of rxjs-retry-client/waterfall': await measureSize(OWN_BUNDLES.allOfWaterfall),
    'stub: get / RxJS fromFetch': stubRatio(CLIENT),
    'stub: get, attempts$ listened to / RxJS fromFetch': stubRatio(CLIENT_WITH_LISTENER),
    'stub: get, budget, breaker and concurrency limit / get': stubRatio(CLIENT_WITH_THREE_GATES, CLIENT),
    'stub: get, hedged / get': stubRatio(CLIENT_WITH_HEDGING, CLIENT),
    'stub: get, telemetry without an SDK / get': stubRatio(CLIENT_WITH_TELEMETRY, CLIENT),
    'pending heap: get / RxJS retry': heapOf(CLIENT) / (reference?.heap ?? NaN),
    'pending heap: retryWithStrategy / RxJS retry': heapOf(OPERATOR) / (reference?.heap ?? NaN),
    'pending CPU: get, answered at once / RxJS retry': cpuRatio(CLIENT_SYNC),
    'pending CPU: retryWithStrategy / RxJS retry': cpuRatio(OPERATOR),
    'pending: flatness of get': flatness(CLIENT),
    'pending: flatness of retryWithStrategy': flatness(OPERATOR),
    'pending: flatness of get, a gate can end the wait': flatness(CLIENT_WAKEABLE),
    'pending: flatness of get, held in a queue': flatness(CLIENT_HELD),
    'simulate: a minute of 10,000 clients': (simulatedCost(FLEET) * REQUESTS_PER_MINUTE) / 1_000_000,
    'simulate: flatness, 20,000 requests under way / 2,000': simulatedCost(LARGE_FLEET) / simulatedCost(SLOW_FLEET),
  };
}

const budget = readBudget(await readFile(new URL('budget.json', import.meta.url), 'utf8'));
const { table, exceeded } = checkBudget(budget, await measure());
console.log(markdownTable(table));
for (const sentence of exceeded) console.error(`\n${sentence}`);
process.exitCode = exceeded.length > 0 ? 1 : 0;
