import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { pathOf } from '../support/hostile-server.js';
import type { Plan } from './plan.js';

/** The number of requests of each key, by scenario. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A message to the server's process. */
export interface ServerQuestion {
  readonly id: number;
  /** The keys whose requests are counted, then discarded. */
  readonly keys: readonly string[];
}

/** The reply to a question. The first one, with id 0, comes without a question when the server is ready. */
export interface ServerAnswer {
  readonly id: number;
  readonly counts: Counts;
  /** The number of open connections that are not idle. */
  readonly busy: number;
  readonly url?: string;
}

/**
 * The hostile server in a process of its own, so that server and clients do not delay each other. It runs from {@link
 * RemoteServer.start} to {@link RemoteServer.close}.
 */
export class RemoteServer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<
    number,
    { readonly resolve: (answer: ServerAnswer) => void; readonly reject: (error: Error) => void }
  >();
  #lastId = 0;
  #base = '';
  #ended: Error | undefined;

  private constructor() {
    // The child inherits the flags of this process, and with them the loader of TypeScript.
    this.#child = fork(fileURLToPath(new URL('server-process.ts', import.meta.url)));
    this.#child.on('message', (answer: ServerAnswer) => {
      this.#waiting.get(answer.id)?.resolve(answer);
      this.#waiting.delete(answer.id);
    });
    this.#child.once('exit', (code, signal) => {
      this.#ended = new Error(`the hostile server's process ended with ${String(signal ?? code)}`);
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

  /** Returns the number of requests of each key, which the server then discards. */
  async takeCounts(keys: readonly string[]): Promise<Counts> {
    return (await this.#ask(keys)).counts;
  }

  /** Returns the number of open connections that are not idle. */
  async countBusy(): Promise<number> {
    return (await this.#ask([])).busy;
  }

  /** Ends the process, and all connections with it. */
  async close(): Promise<void> {
    if (this.#ended) return;
    const exit = once(this.#child, 'exit');
    if (this.#child.connected) this.#child.disconnect();
    await exit;
  }

  #ask(keys: readonly string[]): Promise<ServerAnswer> {
    this.#lastId += 1;
    const question: ServerQuestion = { id: this.#lastId, keys };
    const answer = this.#answer(question.id);
    if (!this.#ended) this.#child.send(question);
    return answer;
  }

  #answer(id: number): Promise<ServerAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) reject(this.#ended);
      else this.#waiting.set(id, { resolve, reject });
    });
  }
}
