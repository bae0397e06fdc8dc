import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const runCollector = runInNewContext('gc') as () => void;

/** Lets pending promises and immediates run, then collects the garbage. */
export async function collectGarbage(): Promise<void> {
  // A WeakRef that was read keeps its target until the end of the job. A settled promise keeps its reactions for a turn
  // or two.
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  runCollector();
}

/**
 * Collects the garbage up to 20 times, until a condition is true. A single collection is not enough: code that is being
 * optimized in the background keeps what it has seen until that is done.
 *
 * @returns whether it became true
 */
export async function collectUntil(condition: () => boolean): Promise<boolean> {
  for (let round = 0; round < 20; round += 1) {
    await collectGarbage();
    if (condition()) return true;
  }
  return false;
}

/** Watches objects that must become collectable, and reports the names of those that do not. */
export class GarbageWatch {
  readonly #refs: { readonly name: string; readonly ref: WeakRef<object> }[] = [];

  /** Watches an object through a weak reference, and returns the object. */
  watch<T extends object>(name: string, target: T): T {
    this.#refs.push({ name, ref: new WeakRef(target) });
    return target;
  }

  /** The number of watched objects. */
  get count(): number {
    return this.#refs.length;
  }

  /** Returns the names of the objects that are still alive after up to 20 collections. */
  async survivors(): Promise<string[]> {
    await collectUntil(() => this.#alive().length === 0);
    return this.#alive();
  }

  #alive(): string[] {
    return this.#refs.filter(({ ref }) => ref.deref() !== undefined).map(({ name }) => name);
  }
}

/** Returns the used heap in bytes, after three garbage collections. */
export async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round += 1) await collectGarbage();
  return process.memoryUsage().heapUsed;
}
