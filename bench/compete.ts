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

/** CPU time per request in µs, round by round, of each contestant. */
export async function requestRounds(one: RequestCase, setting: Setting): Promise<ReadonlyMap<string, readonly number[]>> {
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
/** Many are heavy, and steady. */
const MOST_ROUNDS = 3;

/** What waiting costs, round by round. */
export async function pendingRounds(one: PendingCase, setting: Setting): Promise<ReadonlyMap<string, readonly Weight[]>> {
  return among(one.contestants, one, setting, async (workers) =>
    inRounds(one.contestants, Math.min(setting.rounds, MOST_ROUNDS), async (contestant) => found(workers, contestant).weigh(MANY, FEW)),
  );
}

/** The wait before a retry, in ms, where the network is a stub: long enough for nothing but being one. */
const STUB_WAIT = 10;

async function among<R>(
  contestants: readonly Contestant[],
  one: RequestCase | PendingCase,
  { folder, dist, server }: Setting,
  work: (workers: ReadonlyMap<Contestant, Worker>) => Promise<ReadonlyMap<Contestant, readonly R[]>>,
): Promise<ReadonlyMap<string, readonly R[]>> {
  const taskOf = ({ who, module, entry }: Contestant): Task => {
    const shared = { module, entry, dist: dist.href };
    if (one.kind === 'pending') return { ...shared, network: 'stub', urls: ['http://stub.test/'], wait: STUB_WAIT };
    const base = one.network === 'server' ? server : 'http://stub.test/';
    const lanes = Array.from({ length: one.lanes }, (_, lane) => `${base}${one.path.replace('*', `${encodeURIComponent(who)}-${lane}`)}`);
    return { ...shared, network: one.network, urls: lanes, wait: 1 };
  };
  const results = await withWorkers(contestants, `${folder}worker.js`, taskOf, work);
  return new Map([...results].map(([{ who }, rounds]) => [who, rounds]));
}

function found<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error('There is no such contestant.');
  return value;
}
