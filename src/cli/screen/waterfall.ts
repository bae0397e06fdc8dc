import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { safeText } from '../../util/safe-text.js';
import { describeOutcome, describeFailureReason, statusOf, describeAcceptedValue } from '../output/describe-outcome.js';

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
export interface RequestTimeline {
  readonly id: string;
  readonly method: string;
  readonly bars: readonly Bar[];
  /** How many attempts between the first few and the last few are not kept. */
  readonly omitted: number;
  readonly endedAt?: number;
  /** Why it ended without a success. */
  readonly endReason?: string;
}

/** The requests of a client in the order in which they began. */
export type Waterfall = readonly RequestTimeline[];

type Event = AttemptEvent<unknown, HttpAttempt>;

// A request may be tried for ever; neither the picture nor the memory behind it may grow with it.
export const KEPT_FIRST = 3;
const MAX_BARS = 12;

/** The waterfall after one more event. */
export function applyEvent(waterfall: Waterfall, event: Event): Waterfall {
  const { requestId } = event.attempt;
  const timeline = waterfall.find(({ id }) => id === requestId);
  if (timeline !== undefined) return waterfall.map((one) => (one === timeline ? applyToTimeline(one, event) : one));
  // Events of a request whose beginning was not seen tell too little to be drawn.
  if (event.type !== 'start') return waterfall;
  return [...waterfall, applyToTimeline({ id: requestId, method: safeText(event.attempt.method), bars: [], omitted: 0 }, event)];
}

function applyToTimeline(timeline: RequestTimeline, event: Event): RequestTimeline {
  const { attempt } = event;
  if (event.type === 'start') {
    const { number, of, url, startedAt } = attempt;
    return collapseMiddle({
      ...timeline,
      bars: [...timeline.bars, { number, of, url: safeText(url), state: 'running', outcome: '…', from: startedAt }],
    });
  }
  const bar = timeline.bars.at(-1);
  if (bar === undefined) return timeline;
  const to = attempt.startedAt + event.elapsed;
  const updateBar = (changed: Partial<Bar>): RequestTimeline => ({
    ...timeline,
    bars: [...timeline.bars.slice(0, -1), { ...bar, ...changed }],
  });
  // An attempt that is settled already has begun its wait, and the request ends in it.
  const endedInWait = bar.to !== undefined;
  switch (event.type) {
    case 'value':
      return updateBar({
        outcome: describeAcceptedValue(event.value),
        ...((statusOf(event.value) ?? 0) >= 400 && { state: 'failed' }),
      });
    case 'retry':
      return updateBar({ state: 'retried', outcome: describeOutcome(event.outcome), to, wait: event.delay });
    case 'success':
      return {
        ...updateBar(
          bar.state === 'running'
            ? { state: 'succeeded', outcome: bar.outcome === '…' ? 'ok' : bar.outcome, to }
            : { to },
        ),
        endedAt: to,
      };
    case 'failure':
      return {
        ...(endedInWait ? timeline : updateBar({ state: 'failed', outcome: describeOutcome(event.outcome), to })),
        endedAt: to,
        endReason: `gave up: ${describeFailureReason(event.reason)}`,
      };
    case 'cancel':
      return endedInWait
        ? { ...timeline, endedAt: to, endReason: 'cancelled in the wait' }
        : { ...updateBar({ state: 'cancelled', outcome: 'cancelled', to }), endedAt: to };
  }
}

function collapseMiddle(timeline: RequestTimeline): RequestTimeline {
  if (timeline.bars.length <= MAX_BARS) return timeline;
  return { ...timeline, bars: timeline.bars.toSpliced(KEPT_FIRST, 1), omitted: timeline.omitted + 1 };
}

/** Whether any of its requests goes on. */
export function isRunning(waterfall: Waterfall): boolean {
  return waterfall.some(({ endedAt }) => endedAt === undefined);
}
