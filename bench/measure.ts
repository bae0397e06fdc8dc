import type { Subject, PendingCase, RequestCase } from './cases.js';
import type { Effort, Task, PendingCost } from './messages.js';
import { measureInRounds, WorkerPool, type WorkerProcess } from './worker-process.js';

/** The environment of all measurements, and the number of rounds. */
export interface BenchSetup {
  /** The folder of the compiled workers, with a slash at its end. */
  readonly folder: string;
  /** The built package's folder, as a URL. */
  readonly dist: URL;
  /** The URL of the server; empty if no case needs one. */
  readonly server: string;
  /** Workers that stay from one case with a server to the next, because their code is warm already. */
  readonly networkPool?: WorkerPool;
  readonly rounds: number;
}

/** The results of all rounds, by the name of the subject. */
export type Rounds<R> = ReadonlyMap<string, readonly R[]>;

/** The CPU time of one round, in ms. */
const ROUND_MS = 150;

/** The amount of work that a subject does in a case. */
export function effortFor({ isHeavy }: RequestCase, isReused: boolean): Effort {
  // On a busy machine a request takes more time, but V8 needs the same number of requests to optimize the code.
  if (isHeavy) return { warmUpMs: [200, 2_000], warmUpRequests: 200, roundMs: ROUND_MS };
  return isReused
    ? { warmUpMs: [200, 2_000], warmUpRequests: 1_000, roundMs: ROUND_MS }
    : { warmUpMs: [1_000, 15_000], warmUpRequests: 8_000, roundMs: ROUND_MS };
}

/** Measures the CPU time per request in µs, round by round. */
export async function measureRequests(benchCase: RequestCase, setup: BenchSetup): Promise<Rounds<number>> {
  const sharedPool = benchCase.network === 'server' ? setup.networkPool : undefined;
  const pool = sharedPool ?? new WorkerPool(workerFile(setup));
  try {
    const runs = new Map<Subject, () => Promise<number>>();
    for (const subject of benchCase.subjects) {
      const { worker, isReused } = await pool.open(subject.name, requestTask(subject, benchCase, setup));
      const requests = await worker.warmUp(effortFor(benchCase, isReused));
      runs.set(subject, () => worker.measure(requests));
    }
    return byName(await measureInRounds(benchCase.subjects, setup.rounds, (subject) => getSubject(runs, subject)()));
  } finally {
    if (!sharedPool) await pool.close();
  }
}

/** The number of requests that wait at once. */
export const MANY_REQUESTS = 100_000;
/** The number of waiting requests that {@link MANY_REQUESTS} is compared with. */
export const FEW_REQUESTS = 1_000;
/** The repetitions of a measurement with few requests, since one of them is too short to be exact. */
const FEW_REPETITIONS = 10;
/** The most rounds of a measurement with many requests: these are slow, and their results vary little. */
const MAX_PENDING_ROUNDS = 3;

/** Measures the cost of each waiting request, garbage collection included, round by round. */
export async function measurePending(benchCase: PendingCase, setup: BenchSetup): Promise<Rounds<PendingCost>> {
  const pool = new WorkerPool(workerFile(setup));
  try {
    const workers = new Map<Subject, WorkerProcess>();
    for (const subject of benchCase.subjects) {
      const { worker } = await pool.open(subject.name, pendingTask(subject, setup));
      workers.set(subject, worker);
      await worker.measurePending(FEW_REQUESTS, 2 * FEW_REPETITIONS);
    }
    return byName(
      await measureInRounds(benchCase.subjects, countPendingRounds(setup), (subject) =>
        getSubject(workers, subject).measurePendingCost(MANY_REQUESTS),
      ),
    );
  } finally {
    await pool.close();
  }
}

/** The cost of each of many waiting requests, and of each of few. */
export interface Growth {
  /** Heap of each of many, in bytes. It is the same in every round. */
  readonly heap: number;
  /** CPU time of each request in µs, round by round. */
  readonly rounds: readonly { readonly ofMany: number; readonly ofFew: number }[];
}

/** The size of V8's young generation, in MiB: the objects and the garbage of 100,000 requests fit into it. */
const YOUNG_GENERATION_MIB = 2_048;

/**
 * Measures whether each of many waiting requests costs more than each of few.
 *
 * By default V8 copies an object twice if it lives long. RxJS's own retry then costs three times as much per request if
 * many wait. Here the young generation is so large that V8 copies nothing, so a growing cost has its cause in the code.
 * The subjects run one after another, since each needs much memory and is compared with itself alone.
 */
export async function measureGrowth(benchCase: PendingCase, setup: BenchSetup): Promise<ReadonlyMap<string, Growth>> {
  const results = new Map<string, Growth>();
  for (const subject of benchCase.subjects) {
    const pool = new WorkerPool(workerFile(setup), [
      `--min-semi-space-size=${YOUNG_GENERATION_MIB}`,
      `--max-semi-space-size=${YOUNG_GENERATION_MIB}`,
    ]);
    try {
      const { worker } = await pool.open(subject.name, pendingTask(subject, setup));
      await worker.measurePending(FEW_REQUESTS, 2 * FEW_REPETITIONS);
      const { heap } = await worker.measurePendingCost(MANY_REQUESTS);
      // More requests than a round has: memory that the process uses for the first time costs a page fault.
      await worker.settleMemory(MANY_REQUESTS + 2 * FEW_REQUESTS * FEW_REPETITIONS);
      const rounds: { ofMany: number; ofFew: number }[] = [];
      while (rounds.length < countPendingRounds(setup)) {
        await worker.collectGarbage();
        // The collection has removed data that optimized code depends on, so the code needs a new warm-up.
        await worker.measurePending(FEW_REQUESTS, FEW_REPETITIONS / 2);
        const ofFew = await worker.measurePending(FEW_REQUESTS, FEW_REPETITIONS);
        rounds.push({ ofFew, ofMany: await worker.measurePending(MANY_REQUESTS, 1) });
      }
      results.set(subject.name, { heap, rounds });
    } finally {
      await pool.close();
    }
  }
  return results;
}

function countPendingRounds({ rounds }: BenchSetup): number {
  return Math.min(rounds, MAX_PENDING_ROUNDS);
}

function workerFile({ folder }: BenchSetup): string {
  return `${folder}worker.js`;
}

/** The URL of requests that a stub answers. */
const STUB_URL = 'http://stub.test/';

/** The task of a subject in a case with requests. */
export function requestTask(
  { name: subject, module, entry }: Subject,
  { name, network, path, concurrency }: RequestCase,
  { dist, server }: BenchSetup,
): Task {
  const base = network === 'server' ? server : STUB_URL;
  const urlOf = (sequence: number): string =>
    `${base}${path.replace('*', encodeURIComponent(`${name} ${subject} ${sequence}`))}`;
  return {
    module,
    entry,
    network,
    dist: dist.href,
    urls: Array.from({ length: concurrency }, (_, sequence) => urlOf(sequence)),
    delay: 1,
  };
}

function pendingTask({ module, entry }: Subject, { dist }: BenchSetup): Task {
  return { module, entry, network: 'stub', dist: dist.href, urls: [STUB_URL], delay: 10 };
}

function byName<R>(results: ReadonlyMap<Subject, readonly R[]>): Rounds<R> {
  return new Map([...results].map(([{ name }, rounds]) => [name, rounds]));
}

function getSubject<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error('unknown subject');
  return value;
}
