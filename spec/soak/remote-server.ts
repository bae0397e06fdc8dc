import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { pathOf } from '../support/hostile-server.js';
import type { Plan } from './plan.js';

/** How often each key reached the server, by scenario. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** What the server's process is asked. */
export interface Question {
  readonly id: number;
  /** What is to be counted, then forgotten. */
  readonly keys: readonly string[];
}

/** What it answers; unasked, with id 0, that it is ready. */
export interface Answer {
  readonly id: number;
  readonly counts: Counts;
  /** How many connections are open that do not merely rest. */
  readonly busy: number;
  readonly url?: string;
}

/** The hostile server in a process of its own, so that it and its clients do not keep each other waiting. */
export class RemoteServer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }
  >();
  #asked = 0;
  #base = '';
  #ended: Error | undefined;

  private constructor() {
    // It inherits the flags of this process, and with them what loads TypeScript.
    this.#child = fork(fileURLToPath(new URL('server-process.ts', import.meta.url)));
    this.#child.on('message', (answer: Answer) => {
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
    });
    this.#child.once('exit', (code, signal) => {
      this.#ended = new Error(`The hostile server's process has ended with ${String(signal ?? code)}.`);
      for (const { reject } of this.#waiting.values()) reject(this.#ended);
    });
  }

  static async start(): Promise<RemoteServer> {
    const server = new RemoteServer();
    const { url = '' } = await server.#answer(0);
    server.#base = url;
    return server;
  }

  url({ scenario, faults }: Plan, key: string): string {
    return new URL(pathOf(scenario, key, faults), this.#base).href;
  }

  /** How often each key reached the server, which forgets them. */
  async take(keys: readonly string[]): Promise<Counts> {
    return (await this.#ask(keys)).counts;
  }

  /** How many connections are open that do not merely rest. */
  async busy(): Promise<number> {
    return (await this.#ask([])).busy;
  }

  /** Ends the process, and with it every connection. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exit;
  }

  #ask(keys: readonly string[]): Promise<Answer> {
    this.#asked += 1;
    const question: Question = { id: this.#asked, keys };
    const answer = this.#answer(question.id);
    if (!this.#ended) this.#child.send(question);
    return answer;
  }

  #answer(id: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(this.#ended);
      else this.#waiting.set(id, { resolve, reject });
    });
  }
}
