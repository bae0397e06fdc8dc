import { checkKnownOptions, type OptionRules } from '../../util/known-options.js';
import { check, checkNumber, type OptionRule } from '../../util/option-rule.js';
import type { Server } from '../server.js';

/** Options of {@link queueing}. */
export interface QueueingOptions {
  /** How many requests it works on at a time. */
  readonly workers: number;
  /** How long a worker takes for one, in ms; or a function that returns it at random. */
  readonly serviceTime: number | ((random: () => number) => number);
  /** How many may wait for a worker; to one more it answers 503 at once. @default Infinity */
  readonly queue?: number | undefined;
}

const WORKERS: OptionRule = [1, 'a whole number of at least 1', (n: number) => Number.isInteger(n) && n >= 1];

const RULES: OptionRules<QueueingOptions> = {
  workers: WORKERS,
  serviceTime: [
    undefined,
    'a finite number of at least 0, or a function that returns one',
    (ms: unknown) => typeof ms === 'function' || (typeof ms === 'number' && ms >= 0 && ms < Infinity),
  ],
  queue: [0, 'a whole number of at least 0, or Infinity', (size: number) => size >= 0 && !(size % 1)],
};

/** The times at which its workers become free, and at which those that wait begin. */
interface Workers {
  readonly free: number[];
  /** In order; those before `first` have begun. */
  readonly waiting: number[];
  first: number;
}

/** Those that have begun are removed so many at a time, since each removal moves the others. */
const REMOVED_AT_ONCE = 1_000;

/**
 * A server with so many workers and a queue, first come, first served. It works on requests that nobody waits for any
 * more, too: it does not know.
 *
 * @throws TypeError or RangeError that names the bad option
 *
 * @example It can do 100 requests a second, and 150 come.
 * ```ts
 * import { queueing, simulate } from 'rxjs-retry-client/simulate';
 *
 * const server = queueing({ workers: 10, serviceTime: 100, queue: 50 });
 * const { plain } = simulate({ duration: 10_000, clients: 150, rate: 1, server }, { plain: { attempts: 2 } });
 * console.log(plain.success, plain.load);
 * ```
 */
export function queueing(options: QueueingOptions): Server {
  checkKnownOptions(options, RULES);
  const { workers, serviceTime, queue = Infinity } = options;
  check('workers', workers, WORKERS);
  check('serviceTime', serviceTime, RULES.serviceTime);
  const model: Server = ({ at, random, memory }) => {
    let state = memory.get(model) as Workers | undefined;
    if (!state) memory.set(model, (state = { free: Array.from({ length: workers }, () => 0), waiting: [], first: 0 }));
    const { free, waiting } = state;
    while ((waiting[state.first] ?? Infinity) <= at) state.first += 1;
    if (state.first >= REMOVED_AT_ONCE) {
      waiting.splice(0, state.first);
      state.first = 0;
    }
    const earliest = Math.min(...free);
    const begin = Math.max(at, earliest);
    if (begin > at && waiting.length - state.first >= queue) return { delay: 0, status: 503 };
    const time =
      typeof serviceTime === 'number' ? serviceTime : checkNumber('what serviceTime returns', serviceTime(random), 0);
    free[free.indexOf(earliest)] = begin + time;
    if (begin > at) waiting.push(begin);
    return { delay: begin + time - at, status: 200 };
  };
  return model;
}
