import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Lets everything run that is due now, promises and immediates, then collects the garbage. */
export async function collect(): Promise<void> {
  // A WeakRef that was read keeps its target until the job is over, and a finished promise its reactions for a turn or two.
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
  gc();
}

/** Things that ought to be collectable, under the names that they are reported by. */
export class Mortals {
  readonly #refs: { readonly name: string; readonly ref: WeakRef<object> }[] = [];

  /** Remembers a thing without holding it; returns it. */
  watch<T extends object>(name: string, thing: T): T {
    this.#refs.push({ name, ref: new WeakRef(thing) });
    return thing;
  }

  /** How many are watched. */
  get count(): number {
    return this.#refs.length;
  }

  /** The names of those that outlive a number of collections. */
  async survivors(): Promise<string[]> {
    for (let round = 0; round < 20; round += 1) {
      await collect();
      if (this.#alive().length === 0) break;
    }
    return this.#alive();
  }

  #alive(): string[] {
    return this.#refs.filter(({ ref }) => ref.deref() !== undefined).map(({ name }) => name);
  }
}

/** The heap in bytes, once what is garbage is gone. */
export async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round += 1) await collect();
  return process.memoryUsage().heapUsed;
}
