import { map, timer } from 'rxjs';

import { checkKnownOptions, type OptionRules } from '../../util/known-options.js';
import { checkNumber, FUNCTION } from '../../util/option-rule.js';
import { FAILURE_STATUS } from '../server-answer.js';
import type { Server } from '../server.js';

/** Options of {@link contended}. */
export interface ContendedOptions {
  /** Returns how long it takes from the reading to the writing, in ms. @default () => 0 */
  readonly work?: ((random: () => number) => number) | undefined;
  /** The status for a request that found the row changed. @default 503 */
  readonly conflict?: number | undefined;
}

const RULES: OptionRules<ContendedOptions> = { work: FUNCTION, conflict: FAILURE_STATUS };

/**
 * A server whose requests all change the same row, with optimistic locking: each reads the row's version when it
 * arrives, and writes after its `work`. If another one has written in between, it fails. The more clients try at the
 * same time, the fewer get through.
 *
 * @throws TypeError or RangeError that names the bad option
 *
 * @example A hundred clients that begin together; all get through, and what it costs depends on the jitter.
 * ```ts
 * import { exponential, fullJitter } from 'rxjs-retry-client';
 * import { contended, simulate } from 'rxjs-retry-client/simulate';
 *
 * const network = () => 10;
 * const server = contended({ work: () => 20 });
 * const report = simulate(
 *   { duration: 60_000, clients: 100, rate: 'together', network, server },
 *   { jitter: { attempts: Infinity, backoff: fullJitter(exponential({ initial: 10, max: 2_000 })) } },
 * );
 * console.log(report.jitter.messages, report.jitter.lastEnd);
 * ```
 * @see {@link https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ | Exponential Backoff and Jitter},
 * whose model it is
 */
export function contended(options: ContendedOptions = {}): Server {
  checkKnownOptions(options, RULES);
  const { work = () => 0, conflict = 503 } = options;
  const model: Server = ({ random, memory }) => {
    const versionOf = (): number => (memory.get(model) as number | undefined) ?? 0;
    const read = versionOf();
    return timer(checkNumber('what work returns', work(random), 0)).pipe(
      map(() => {
        if (versionOf() !== read) return { delay: 0, status: conflict };
        memory.set(model, read + 1);
        return { delay: 0, status: 200 };
      }),
    );
  };
  return model;
}
