import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import type { Effort, PendingCost, Task, WorkerCommand, WorkerReply } from './messages.js';
import { roundOrder } from './statistics.js';

/** Enough for 100,000 of the largest requests. */
const HEAP_LIMIT = '--max-old-space-size=4096';

/**
 * A subject in a process of its own. It sends one command at a time, and ends with an error if its process ends.
 */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #name: string;

  /**
   * @param name - the subject, for error messages
   * @param file - the compiled worker
   * @param flags - further flags for Node
   */
  constructor(name: string, file: string, flags: readonly string[] = []) {
    this.#name = name;
    this.#child = fork(file, {
      execArgv: ['--expose-gc', HEAP_LIMIT, ...flags],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  async open(task: Task): Promise<void> {
    await this.#send({ type: 'open', task }, 'done');
  }

  /** Warms up the code, and returns the number of requests in a round. */
  async warmUp(effort: Effort): Promise<number> {
    return (await this.#send({ type: 'warm-up', effort }, 'warmed-up')).requests;
  }

  /** Returns the CPU time per request, in µs. */
  async measure(requests: number): Promise<number> {
    return (await this.#send({ type: 'measure', requests }, 'cpu')).cpu;
  }

  /** Returns the `.cpuprofile` of these requests, with a sample of the stack every `interval` µs. */
  async profile(requests: number, interval: number): Promise<string> {
    return (await this.#send({ type: 'profile', requests, interval }, 'profile')).profile;
  }

  /** Returns the CPU time in µs of each of these requests, which wait at once; the mean of `times` repetitions. */
  async measurePending(requests: number, times: number): Promise<number> {
    return (await this.#send({ type: 'measure-pending', requests, times }, 'cpu')).cpu;
  }

  /** Returns the cost of each of these requests, which wait at once. */
  async measurePendingCost(requests: number): Promise<PendingCost> {
    return this.#send({ type: 'measure-pending-cost', requests }, 'pending-cost');
  }

  /** Lets this number of requests wait at once until the process has memory for all of them. */
  async settleMemory(requests: number): Promise<void> {
    await this.#send({ type: 'settle-memory', requests }, 'done');
  }

  /** Collects the garbage of the process. */
  async collectGarbage(): Promise<void> {
    await this.#send({ type: 'collect-garbage' }, 'done');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exit;
  }

  async #send<K extends WorkerReply['type']>(
    command: WorkerCommand,
    expected: K,
  ): Promise<Extract<WorkerReply, { type: K }>> {
    const reply = await new Promise<WorkerReply>((resolve, reject) => {
      const ended = (code: number | null, signal: string | null): void => {
        reject(new Error(`${this.#name}: the process ended with ${String(signal ?? code)}`));
      };
      this.#child.once('exit', ended);
      this.#child.once('message', (message: WorkerReply) => {
        this.#child.off('exit', ended);
        resolve(message);
      });
      this.#child.send(command);
    });
    if (reply.type === 'failed') throw new Error(`${this.#name}: ${reply.message}`);
    if (!isOf(reply, expected)) {
      throw new Error(`${this.#name}: expected the reply "${expected}" to "${command.type}", but got "${reply.type}"`);
    }
    return reply;
  }
}

function isOf<K extends WorkerReply['type']>(reply: WorkerReply, type: K): reply is Extract<WorkerReply, { type: K }> {
  return reply.type === type;
}

/**
 * Measures every subject in every round, one at a time and in alternating order. Returns the results of the rounds by
 * subject.
 */
export async function measureInRounds<T, R>(
  subjects: readonly T[],
  rounds: number,
  measure: (subject: T) => Promise<R>,
): Promise<Map<T, R[]>> {
  const results = new Map<T, R[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of roundOrder(subjects, round)) results.get(subject)?.push(await measure(subject));
  }
  return results;
}

/** Worker processes by subject. Each starts when it is first needed, and all end with {@link WorkerPool.close}. */
export class WorkerPool {
  readonly #file: string;
  readonly #flags: readonly string[];
  readonly #workers = new Map<string, WorkerProcess>();

  /**
   * @param file - the compiled worker
   * @param flags - further flags for Node, for all workers
   */
  constructor(file: string, flags: readonly string[] = []) {
    this.#file = file;
    this.#flags = flags;
  }

  /** Gives the subject's worker a task. `isReused` says whether it has had another task before. */
  async open(name: string, task: Task): Promise<{ readonly worker: WorkerProcess; readonly isReused: boolean }> {
    const existing = this.#workers.get(name);
    const worker = existing ?? new WorkerProcess(name, this.#file, this.#flags);
    this.#workers.set(name, worker);
    await worker.open(task);
    return { worker, isReused: existing !== undefined };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
    this.#workers.clear();
  }
}

/** Starts the server in a process of its own, which ends with this process at the latest. */
export async function startServer(folder: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const child = fork(`${folder}server.js`, { execArgv: [] });
  const [url] = (await once(child, 'message')) as [string];
  return {
    url,
    close: () => {
      child.disconnect();
    },
  };
}
