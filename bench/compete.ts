import type { Contestant, PendingCase, RequestCase } from './cases.js';
import { inRounds, Pool, type Worker } from './lab.js';
import type { Effort, Task, Weight } from './messages.js';

/** Where the contestants run, and how long. */
export interface Setting {
  /** The folder of the compiled workers. */
  readonly folder: string;
  /** The built package's folder, as a URL. */
  readonly dist: URL;
  /** The server, if a case needs it. */
  readonly server: string;
  /** Who goes through the network keeps his process from case to case, if there is more than one: it is warm already. */
  readonly travellers?: Pool;
  readonly rounds: number;
}

/** By contestant, what was measured round by round. */
export type Rounds<R> = ReadonlyMap<string, readonly R[]>;

/** The CPU time of one round, in ms. */
const ROUND = 150;

/** How much a contestant does. */
export function effort({ heavy }: RequestCase, used: boolean): Effort {
  // On a busy machine a request takes more time, but it takes as many requests to get warm.
  if (heavy) return { warmUp: [200, 2_000], warmUpRequests: 200, round: ROUND };
  return used
    ? { warmUp: [200, 2_000], warmUpRequests: 1_000, round: ROUND }
    : { warmUp: [1_000, 15_000], warmUpRequests: 8_000, round: ROUND };
}

/** CPU time per request in µs, round by round, of each contestant. */
export async function requestRounds(one: RequestCase, setting: Setting): Promise<Rounds<number>> {
  const kept = one.network === 'server' ? setting.travellers : undefined;
  const pool = kept ?? new Pool(workerIn(setting));
  try {
    const runs = new Map<Contestant, () => Promise<number>>();
    for (const contestant of one.contestants) {
      const { worker, used } = await pool.open(contestant.who, requestTask(contestant, one, setting));
      const requests = await worker.warm(effort(one, used));
      runs.set(contestant, () => worker.run(requests));
    }
    return byName(await inRounds(one.contestants, setting.rounds, (contestant) => found(runs, contestant)()));
  } finally {
    if (!kept) await pool.close();
  }
}

/** How many wait. */
export const MANY = 100_000;
export const FEW = 1_000;
/** So often do the few wait, for a figure that is worth as much as that of the many. */
const FEW_TIMES = 10;
/** Many are heavy, and steady. */
const MOST_ROUNDS = 3;

/** What waiting costs as it is, garbage collection included, round by round. */
export async function pendingRounds(one: PendingCase, setting: Setting): Promise<Rounds<Weight>> {
  const pool = new Pool(workerIn(setting));
  try {
    const workers = new Map<Contestant, Worker>();
    for (const contestant of one.contestants) {
      const { worker } = await pool.open(contestant.who, pendingTask(contestant, setting));
      workers.set(contestant, worker);
      await worker.pend(FEW, 2 * FEW_TIMES);
    }
    return byName(
      await inRounds(one.contestants, roundsOfMany(setting), (contestant) => found(workers, contestant).weigh(MANY)),
    );
  } finally {
    await pool.close();
  }
}

/** What each of many costs, and each of few. */
export interface Growth {
  /** Bytes of heap: the same each time. */
  readonly heap: number;
  /** CPU time in µs, round by round. */
  readonly rounds: readonly { readonly ofMany: number; readonly ofFew: number }[];
}

/** The young generation in MiB: all that a hundred thousand requests hold and leave behind fits in. */
const ROOM = 2_048;

/**
 * Whether each of many costs more than each of few. By default V8 copies twice whatever is alive for long, so that even RxJS's own retry costs
 * three times as much when many wait. Here the young generation is so large that it copies nothing: what still grows grows in the code. One
 * contestant after another, for the memory's sake: nobody is compared with anybody but himself.
 */
export async function growth(one: PendingCase, setting: Setting): Promise<ReadonlyMap<string, Growth>> {
  const results = new Map<string, Growth>();
  for (const contestant of one.contestants) {
    const pool = new Pool(workerIn(setting), [`--min-semi-space-size=${ROOM}`, `--max-semi-space-size=${ROOM}`]);
    try {
      const { worker } = await pool.open(contestant.who, pendingTask(contestant, setting));
      await worker.pend(FEW, 2 * FEW_TIMES);
      const { heap } = await worker.weigh(MANY);
      // A little more than a round takes: what has not been asked for before costs a page fault.
      await worker.settle(MANY + 2 * FEW * FEW_TIMES);
      const rounds: { ofMany: number; ofFew: number }[] = [];
      while (rounds.length < roundsOfMany(setting)) {
        await worker.collect();
        // That took away what optimized code relies upon: warm again.
        await worker.pend(FEW, FEW_TIMES / 2);
        const ofFew = await worker.pend(FEW, FEW_TIMES);
        rounds.push({ ofFew, ofMany: await worker.pend(MANY, 1) });
      }
      results.set(contestant.who, { heap, rounds });
    } finally {
      await pool.close();
    }
  }
  return results;
}

function roundsOfMany({ rounds }: Setting): number {
  return Math.min(rounds, MOST_ROUNDS);
}

function workerIn({ folder }: Setting): string {
  return `${folder}worker.js`;
}

/** Where a stub is asked. */
const STUB_URL = 'http://stub.test/';

/** What a contestant is started with. */
export function requestTask(
  { who, module, entry }: Contestant,
  { name, network, path, lanes }: RequestCase,
  { dist, server }: Setting,
): Task {
  const base = network === 'server' ? server : STUB_URL;
  const urlOf = (lane: number): string => `${base}${path.replace('*', encodeURIComponent(`${name} ${who} ${lane}`))}`;
  return {
    module,
    entry,
    network,
    dist: dist.href,
    urls: Array.from({ length: lanes }, (_, lane) => urlOf(lane)),
    wait: 1,
  };
}

function pendingTask({ module, entry }: Contestant, { dist }: Setting): Task {
  return { module, entry, network: 'stub', dist: dist.href, urls: [STUB_URL], wait: 10 };
}

function byName<R>(results: ReadonlyMap<Contestant, readonly R[]>): Rounds<R> {
  return new Map([...results].map(([{ who }, rounds]) => [who, rounds]));
}

function found<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error('There is no such contestant.');
  return value;
}
