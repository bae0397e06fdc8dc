import type { Contestant, PendingCase, RequestCase } from './cases.js';
import { inRounds, type Worker, withWorkers } from './lab.js';
import type { Effort, Task, Weight } from './messages.js';

/** Where the contestants run, and how long. */
export interface Setting {
  /** The folder of the compiled workers. */
  readonly folder: string;
  /** The built package's folder, as a URL. */
  readonly dist: URL;
  /** The server, if a case needs it. */
  readonly server: string;
  readonly rounds: number;
  readonly effort: Effort;
}

/** By contestant, what was measured round by round. */
export type Rounds<R> = ReadonlyMap<string, readonly R[]>;

/** CPU time per request in µs, round by round, of each contestant. */
export async function requestRounds(one: RequestCase, setting: Setting): Promise<Rounds<number>> {
  return among(one.contestants, one, setting, async (workers) => {
    const sizes = new Map<Worker, number>();
    for (const worker of workers.values()) sizes.set(worker, await worker.warm(setting.effort));
    return inRounds(one.contestants, setting.rounds, async (contestant) => {
      const worker = found(workers, contestant);
      return worker.run(found(sizes, worker));
    });
  });
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
  return among(one.contestants, one, setting, async (workers) => {
    for (const worker of workers.values()) await worker.pend(FEW, FEW_TIMES);
    return inRounds(one.contestants, Math.min(setting.rounds, MOST_ROUNDS), async (contestant) => found(workers, contestant).weigh(MANY));
  });
}

/** What each of many costs, and each of few. */
export interface Growth extends Weight {
  /** CPU time in µs of each, where there are few. */
  readonly cpuOfFew: number;
}

/** The young generation in MiB: all that a hundred thousand requests hold and leave behind fits in. */
const ROOM = 2_048;

/**
 * Whether each of many costs more than each of few, round by round. By default V8 copies twice whatever is alive for long, so that even RxJS's
 * own retry costs three times as much when many wait. Here the young generation is so large that it copies nothing: what still grows grows
 * in the code. One contestant after another, for the memory's sake: nobody is compared with anybody but himself.
 */
export async function growthRounds(one: PendingCase, setting: Setting): Promise<Rounds<Growth>> {
  const roomy = [`--min-semi-space-size=${ROOM}`, `--max-semi-space-size=${ROOM}`];
  const results = new Map<string, readonly Growth[]>();
  for (const contestant of one.contestants) {
    const work = async (workers: ReadonlyMap<Contestant, Worker>): Promise<ReadonlyMap<Contestant, readonly Growth[]>> => {
      const worker = found(workers, contestant);
      await worker.touch(ROOM * 1024 * 1024);
      await worker.pend(FEW, FEW_TIMES);
      return inRounds([contestant], Math.min(setting.rounds, MOST_ROUNDS), async () => {
        // Garbage collection takes away what optimized code relies upon: warm again.
        await worker.pend(FEW, FEW_TIMES / 2);
        const cpuOfFew = await worker.pend(FEW, FEW_TIMES);
        return { ...(await worker.weigh(MANY)), cpuOfFew };
      });
    };
    for (const [who, rounds] of await among([contestant], one, setting, work, roomy)) results.set(who, rounds);
  }
  return results;
}

/** The wait before a retry, in ms, where the network is a stub: long enough for nothing but being one. */
const STUB_WAIT = 10;

async function among<R>(
  contestants: readonly Contestant[],
  one: RequestCase | PendingCase,
  { folder, dist, server }: Setting,
  work: (workers: ReadonlyMap<Contestant, Worker>) => Promise<ReadonlyMap<Contestant, readonly R[]>>,
  flags?: readonly string[],
): Promise<Rounds<R>> {
  const taskOf = ({ who, module, entry }: Contestant): Task => {
    const shared = { module, entry, dist: dist.href };
    if (one.kind === 'pending') return { ...shared, network: 'stub', urls: ['http://stub.test/'], wait: STUB_WAIT };
    const base = one.network === 'server' ? server : 'http://stub.test/';
    const lanes = Array.from({ length: one.lanes }, (_, lane) => `${base}${one.path.replace('*', `${encodeURIComponent(who)}-${lane}`)}`);
    return { ...shared, network: one.network, urls: lanes, wait: 1 };
  };
  const results = await withWorkers(contestants, `${folder}worker.js`, taskOf, work, flags);
  return new Map([...results].map(([{ who }, rounds]) => [who, rounds]));
}

function found<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error('There is no such contestant.');
  return value;
}
