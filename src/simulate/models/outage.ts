import { checkKnownOptions, type OptionRules } from '../../util/known-options.js';
import { check, type OptionRule } from '../../util/option-rule.js';
import { isStatus } from '../server-answer.js';
import type { Server } from '../server.js';

/** Options of {@link outage}. */
export interface OutageOptions {
  /** When it begins, in ms since the simulation began. */
  readonly from: number;
  /** When it is over. */
  readonly to: number;
  /** What happens to requests: nothing answers, the connection is refused or cut, or a status. @default 'connect' */
  readonly answer?: 'silent' | 'connect' | 'cut' | number | undefined;
}

const TIME: OptionRule = [0, 'a number of at least 0', (ms: number) => ms >= 0];

const RULES: OptionRules<OutageOptions> = {
  from: TIME,
  to: TIME,
  answer: [
    undefined,
    "'silent', 'connect', 'cut', or a status from 200 to 599",
    (answer: unknown) => answer === 'silent' || answer === 'connect' || answer === 'cut' || isStatus(answer),
  ],
};

/**
 * A server that is down for a while, and otherwise answers at once.
 *
 * @throws TypeError or RangeError that names the bad option
 *
 * @example Nothing answers for 20 s.
 * ```ts
 * import { outage, simulate } from 'rxjs-retry-client/simulate';
 *
 * const server = outage({ from: 10_000, to: 30_000, answer: 'silent' });
 * const { patient } = simulate({ duration: 60_000, rate: 2, timeout: 2_000, server }, { patient: { attempts: 6 } });
 * console.log(patient.success);
 * ```
 */
export function outage(options: OutageOptions): Server {
  checkKnownOptions(options, RULES);
  const { from, to, answer = 'connect' } = options;
  check('from', from, TIME);
  check('to', to, [0, `a number of at least from (${from})`, (ms: number) => ms >= from]);
  return ({ at }) => {
    if (at < from || at >= to) return { delay: 0, status: 200 };
    if (answer === 'silent') return 'silent';
    return typeof answer === 'number' ? { delay: 0, status: answer } : { delay: 0, failure: answer };
  };
}
