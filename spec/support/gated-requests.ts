import { asyncScheduler, Observable, type Subscriber, type Subscription } from 'rxjs';

import { type Gate, type RetryStrategy, retryWithStrategy } from '../../src/index.js';

/**
 * Requests through gates, by name. The spec ends their attempts; the lines tell what happens, in virtual time with the
 * frame: `3 a begins`, `5 a ends`, `9 b: rejected by the gate …`.
 */
export class GatedRequests {
  readonly lines: string[] = [];
  /** The attempts that are under way. */
  readonly running = new Map<string, Subscriber<string>>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #gates: readonly Gate[];
  readonly #withFrames: boolean;

  constructor(gates: readonly Gate[], withFrames = false) {
    this.#gates = gates;
    this.#withFrames = withFrames;
  }

  /** @param strategy - of the request; by default it has one attempt */
  start(name: string, strategy: RetryStrategy = {}): Subscription {
    const attempts = new Observable<string>((subscriber) => {
      this.note(`${name} begins`);
      this.running.set(name, subscriber);
      return () => this.running.delete(name);
    });
    const subscription = attempts.pipe(retryWithStrategy({ attempts: 1, ...strategy, gates: this.#gates })).subscribe({
      complete: () => {
        this.note(`${name} ends`);
      },
      error: (error: unknown) => {
        this.note(`${name}: ${(error as Error).message}`);
      },
    });
    this.#subscriptions.set(name, subscription);
    return subscription;
  }

  startAll(...names: readonly string[]): void {
    for (const name of names) this.start(name);
  }

  emit(name: string): void {
    this.running.get(name)?.next(name);
  }

  /** Ends the attempt of a request with success. */
  end(name: string): void {
    this.running.get(name)?.complete();
  }

  fail(name: string, error: unknown = new Error('down')): void {
    this.running.get(name)?.error(error);
  }

  /** Unsubscribes from a request. */
  leave(name: string): void {
    this.#subscriptions.get(name)?.unsubscribe();
  }

  note(text: string): void {
    this.lines.push(this.#withFrames ? `${String(asyncScheduler.now())} ${text}` : text);
  }
}
