import { Observable } from 'rxjs';

import { originOf } from '../../http/url.js';
import { HEDGE, type Hedging } from '../../retry/hedge.js';
import { now } from '../../util/clock.js';
import { checkKnownOptions, type OptionRules } from '../../util/known-options.js';
import { check } from '../../util/option-rule.js';
import { KeyedState } from '../keyed-state.js';
import { Latencies } from './latencies.js';
import { type HedgeSettings, SendingRace } from './sending-race.js';

/** Options of {@link hedging}. */
export interface HedgingOptions {
  /**
   * How long an attempt waits for its response before it is sent once more: in ms, or a percentile of the latencies of
   * its origin in the last 30 s, such as `'p95'`. With fewer than 20 latencies there is no percentile: then it is sent
   * once more only if it fails.
   */
  readonly after: number | `p${number}`;
  /** How many times an attempt is sent once more. @default 1 */
  readonly max?: number | undefined;
}

const PERCENTILE = /^p(\d{1,2}(?:\.\d+)?)$/;

/** Returns the number of a percentile, such as 95; 0 if it is none. */
function percentOf(percentile: unknown): number {
  return typeof percentile === 'string' ? Number(PERCENTILE.exec(percentile)?.[1] ?? 0) : 0;
}

/** The rule for each option. */
const RULES: OptionRules<HedgingOptions> = {
  after: [
    undefined,
    "a finite number of ms of at least 0, or a percentile such as 'p95'",
    (after: unknown) => (typeof after === 'number' && after >= 0 && after < Infinity) || percentOf(after) > 0,
  ],
  max: [1, 'a whole number from 1 to 10', (max: number) => max >= 1 && max <= 10 && Number.isInteger(max)],
};

/**
 * Makes hedging, for `strategy.hedge`: an attempt without a response after a while is sent once more, to the next URL
 * if there is one. The first response that the strategy accepts wins, and the others are cut. If one fails, the next is
 * sent at once. If all fail, the outcome is that of the first, and the attempt is retried as ever.
 *
 * Only what may be received twice is hedged: see `methods` of the strategy. A body that can be sent only once is not,
 * and no hedge goes to an origin that asks to be left alone. A hedge never waits: if a gate does not let it in at once,
 * it is not sent. Put a {@link retryBudget} beside it, or a slow server gets twice the load.
 *
 * Make it once, beside the client: the requests share the latencies that it measures. The bare operator ignores it.
 *
 * @throws TypeError or RangeError that names the bad option
 * @see {@link https://research.google/pubs/the-tail-at-scale/ | Dean and Barroso, The Tail at Scale (2013)}
 * @see {@link https://github.com/grpc/proposal/blob/master/A6-client-retries.md | gRPC A6, hedging}
 *
 * @example
 * ```ts
 * import { hedging, RetryClient, retryBudget } from 'rxjs-retry-client';
 *
 * export const client = new RetryClient({
 *   baseUrl: ['https://eu.example.com/', 'https://us.example.com/'],
 *   strategy: { hedge: hedging({ after: 'p95' }), gates: [retryBudget()] },
 * });
 * ```
 */
export function hedging(options: HedgingOptions): Hedging {
  checkKnownOptions(options, RULES);
  const { after, max = 1 } = options;
  check('after', after, RULES.after);
  const percent = percentOf(after);
  const latencies = new KeyedState<Latencies, object>({
    by: 'origin',
    create: () => new Latencies(),
    snapshotOf: () => ({}),
  });
  const settings: HedgeSettings = {
    max,
    latenciesOf: (url) => (percent > 0 ? latencies.use(originOf(url)) : undefined),
    delayOf: (measured) => (typeof after === 'number' ? after : measured?.percentile(now(), percent)),
  };
  return {
    [HEDGE]: {
      race: (delegate, place, strategy) =>
        new Observable((output) => {
          new SendingRace(settings, delegate, strategy, output).start(place);
        }),
    },
  };
}
