import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

import type { Answer, Effort, Question, Task, Weight } from './messages.js';
import { orderOf } from './statistics.js';

/** Enough for a hundred thousand of the heaviest requests. */
const HEAP = '--max-old-space-size=4096';

/** A contestant in its own process, seen from outside. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #who: string;

  /**
   * @param file - the compiled worker
   * @param flags - further flags of Node's
   */
  constructor(who: string, file: string, flags: readonly string[] = []) {
    this.#who = who;
    this.#child = fork(file, {
      execArgv: ['--expose-gc', HEAP, ...flags],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  async open(task: Task): Promise<void> {
    await this.#ask({ type: 'open', task }, 'done');
  }

  /** Runs until it is warm, and says how many requests make a round. */
  async warm(effort: Effort): Promise<number> {
    return (await this.#ask({ type: 'warm', effort }, 'warm')).requests;
  }

  /** CPU time per request, in µs. */
  async run(requests: number): Promise<number> {
    return (await this.#ask({ type: 'run', requests }, 'spent')).cpu;
  }

  /** The `.cpuprofile` of so many requests, whose stack was looked at every so many µs. */
  async profile(requests: number, interval: number): Promise<string> {
    return (await this.#ask({ type: 'profile', requests, interval }, 'profiled')).profile;
  }

  /** CPU time per request in µs, of so many that wait at once, so many times over. */
  async pend(requests: number, times: number): Promise<number> {
    return (await this.#ask({ type: 'pend', requests, times }, 'spent')).cpu;
  }

  /** What each of so many costs that wait at once. */
  async weigh(requests: number): Promise<Weight> {
    return this.#ask({ type: 'weigh', requests }, 'weighed');
  }

  /** Has so many wait at once until there is memory for all of them. */
  async settle(requests: number): Promise<void> {
    await this.#ask({ type: 'settle', requests }, 'done');
  }

  /** Has it collect its garbage. */
  async collect(): Promise<void> {
    await this.#ask({ type: 'collect' }, 'done');
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exit;
  }

  async #ask<K extends Answer['type']>(question: Question, expected: K): Promise<Extract<Answer, { type: K }>> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      const ended = (code: number | null, signal: string | null): void => {
        reject(new Error(`${this.#who}: its process has ended with ${String(signal ?? code)}.`));
      };
      this.#child.once('exit', ended);
      this.#child.once('message', (message: Answer) => {
        this.#child.off('exit', ended);
        resolve(message);
      });
      this.#child.send(question);
    });
    if (answer.type === 'failed') throw new Error(`${this.#who}: ${answer.message}`);
    if (!isOf(answer, expected)) throw new Error(`${this.#who} answered ${answer.type} to ${question.type}.`);
    return answer;
  }
}

function isOf<K extends Answer['type']>(answer: Answer, type: K): answer is Extract<Answer, { type: K }> {
  return answer.type === type;
}

/** Takes each contestant through every round, one at a time and in alternating order: what each round gave, by contestant. */
export async function inRounds<T, R>(
  contestants: readonly T[],
  rounds: number,
  measure: (contestant: T) => Promise<R>,
): Promise<Map<T, R[]>> {
  const results = new Map<T, R[]>(contestants.map((contestant) => [contestant, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contestant of orderOf(contestants, round)) results.get(contestant)?.push(await measure(contestant));
  }
  return results;
}

/** Workers by contestant, each started when it is first needed. */
export class Pool {
  readonly #file: string;
  readonly #flags: readonly string[];
  readonly #workers = new Map<string, Worker>();

  /**
   * @param file - the compiled worker
   * @param flags - further flags of Node's, for all of them
   */
  constructor(file: string, flags: readonly string[] = []) {
    this.#file = file;
    this.#flags = flags;
  }

  /** The contestant's worker, with that task, and whether it has had another before. */
  async open(who: string, task: Task): Promise<{ readonly worker: Worker; readonly used: boolean }> {
    const old = this.#workers.get(who);
    const worker = old ?? new Worker(who, this.#file, this.#flags);
    this.#workers.set(who, worker);
    await worker.open(task);
    return { worker, used: old !== undefined };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
    this.#workers.clear();
  }
}

/** Starts the server; it is closed at the latest when this process ends. */
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
