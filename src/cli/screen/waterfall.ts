import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { safeText } from '../../util/safe-text.js';
import { outcomeWords, reasonWords, statusOf, valueWords } from '../output/describe-outcome.js';

/** One attempt: a solid bar, and the wait after it. Times are in ms of the events' clock. */
export interface Bar {
  readonly number: number;
  readonly of: number;
  readonly url: string;
  readonly state: 'running' | 'retried' | 'succeeded' | 'failed' | 'cancelled';
  readonly outcome: string;
  readonly from: number;
  readonly to?: number;
  /** How long the wait after it was announced to be. */
  readonly wait?: number;
}

/** One request: its attempts in order, and its end. */
export interface Cascade {
  readonly id: string;
  readonly method: string;
  readonly bars: readonly Bar[];
  /** How many attempts between the first few and the last few are not kept. */
  readonly left: number;
  readonly endedAt?: number;
  /** Why it ended without a success. */
  readonly note?: string;
}

/** The requests of a client in the order in which they began. */
export type Waterfall = readonly Cascade[];

type Event = AttemptEvent<unknown, HttpAttempt>;

// A request may be tried for ever; neither the picture nor the memory behind it may grow with it.
export const firstKept = 3;
const mostKept = 12;

/** The waterfall after one more event. */
export function follow(waterfall: Waterfall, event: Event): Waterfall {
  const { requestId } = event.attempt;
  const cascade = waterfall.find(({ id }) => id === requestId);
  if (cascade !== undefined) return waterfall.map((one) => (one === cascade ? followOne(one, event) : one));
  // Events of a request whose beginning was not seen tell too little to be drawn.
  if (event.type !== 'start') return waterfall;
  return [...waterfall, followOne({ id: requestId, method: safeText(event.attempt.method), bars: [], left: 0 }, event)];
}

function followOne(cascade: Cascade, event: Event): Cascade {
  const { attempt } = event;
  if (event.type === 'start') {
    const { number, of, url, startedAt } = attempt;
    return fold({
      ...cascade,
      bars: [...cascade.bars, { number, of, url: safeText(url), state: 'running', outcome: '…', from: startedAt }],
    });
  }
  const bar = cascade.bars.at(-1);
  if (bar === undefined) return cascade;
  const to = attempt.startedAt + event.elapsed;
  const change = (changed: Partial<Bar>): Cascade => ({
    ...cascade,
    bars: [...cascade.bars.slice(0, -1), { ...bar, ...changed }],
  });
  // An attempt that is settled already has begun its wait, and the request ends in it.
  const inWait = bar.to !== undefined;
  switch (event.type) {
    case 'value':
      return change({
        outcome: valueWords(event.value),
        ...((statusOf(event.value) ?? 0) >= 400 && { state: 'failed' }),
      });
    case 'retry':
      return change({ state: 'retried', outcome: outcomeWords(event.outcome), to, wait: event.delay });
    case 'success':
      return {
        ...change(
          bar.state === 'running'
            ? { state: 'succeeded', outcome: bar.outcome === '…' ? 'ok' : bar.outcome, to }
            : { to },
        ),
        endedAt: to,
      };
    case 'failure':
      return {
        ...(inWait ? cascade : change({ state: 'failed', outcome: outcomeWords(event.outcome), to })),
        endedAt: to,
        note: `gave up: ${reasonWords(event.reason)}`,
      };
    case 'cancel':
      return inWait
        ? { ...cascade, endedAt: to, note: 'cancelled in the wait' }
        : { ...change({ state: 'cancelled', outcome: 'cancelled', to }), endedAt: to };
  }
}

function fold(cascade: Cascade): Cascade {
  if (cascade.bars.length <= mostKept) return cascade;
  return { ...cascade, bars: cascade.bars.toSpliced(firstKept, 1), left: cascade.left + 1 };
}

/** Whether any of its requests goes on. */
export function isRunning(waterfall: Waterfall): boolean {
  return waterfall.some(({ endedAt }) => endedAt === undefined);
}
