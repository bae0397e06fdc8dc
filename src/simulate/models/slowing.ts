import { checkKnownOptions, type OptionRules } from '../../util/known-options.js';
import { check, type OptionRule } from '../../util/option-rule.js';
import type { Server } from '../server.js';

/** Options of {@link slowing}. */
export interface SlowingOptions {
  /** How long it takes to answer, in ms. */
  readonly base: number;
  /** How much longer it takes for each request that is at the server, in ms. */
  readonly perRequest: number;
}

const TIME: OptionRule = [0, 'a finite number of at least 0', (ms: number) => ms >= 0 && ms < Infinity];
const RULES: OptionRules<SlowingOptions> = { base: TIME, perRequest: TIME };

/**
 * A server that gets slower with each request that it works on, without end: the simplest model of one that shares a
 * processor or a database. Requests that nobody waits for any more slow it down, too, so that clients which give up and
 * send again can keep it slow for ever.
 *
 * @throws TypeError or RangeError that names the bad option
 *
 * @example
 * ```ts
 * import { simulate, slowing } from 'rxjs-retry-client/simulate';
 *
 * const server = slowing({ base: 1_000, perRequest: 10 });
 * const { plain } = simulate({ duration: 20_000, rate: 40, timeout: 3_000, server }, { plain: { attempts: 3 } });
 * console.log(plain.latency.p50);
 * ```
 * @see {@link https://brooker.co.za/blog/2023/10/05/mstables.html | Brooker's collapse}, which it is the model of
 */
export function slowing(options: SlowingOptions): Server {
  checkKnownOptions(options, RULES);
  const { base, perRequest } = options;
  check('base', base, TIME);
  check('perRequest', perRequest, TIME);
  return ({ inFlight }) => ({ delay: base + perRequest * inFlight, status: 200 });
}
