import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { assertNever } from '../../util/assert-never.js';
import { safeText } from '../../util/safe-text.js';
import { describeAcceptedValue, describeFailureReason, describeOutcome, statusOf } from '../output/describe-outcome.js';

/** An attempt, and the wait after it. Times are in ms of the clock of the events (`asyncScheduler`). */
export interface Bar {
  readonly number: number;
  readonly of: number;
  readonly url: string;
  readonly state: 'running' | 'retried' | 'succeeded' | 'failed' | 'cancelled';
  readonly outcome: string;
  readonly from: number;
  readonly to?: number;
  /** The delay before the next attempt, in ms. */
  readonly wait?: number;
}

/** A request: its attempts in order, and its end. */
export interface RequestTimeline {
  readonly id: string;
  readonly method: string;
  readonly bars: readonly Bar[];
  /** The number of attempts in the middle that are not kept. */
  readonly omitted: number;
  readonly endedAt?: number;
  /** Why it ended without success. */
  readonly endReason?: string;
}

/** The requests of a client in the order of their start. */
export type Waterfall = readonly RequestTimeline[];

type Event = AttemptEvent<unknown, HttpAttempt>;

/** The number of first attempts that are kept. Without a limit, endless attempts would fill screen and memory. */
export const KEPT_FIRST = 3;
const MAX_BARS = 12;

/** Returns the waterfall after one more event. */
export function applyEvent(waterfall: Waterfall, event: Event): Waterfall {
  const { requestId } = event.attempt;
  const timeline = waterfall.find(({ id }) => id === requestId);
  if (timeline !== undefined) return waterfall.map((each) => (each === timeline ? applyToTimeline(each, event) : each));
  // A request whose start was not observed cannot be drawn: its earlier attempts are unknown.
  if (event.type !== 'start') return waterfall;
  const started: RequestTimeline = { id: requestId, method: safeText(event.attempt.method), bars: [], omitted: 0 };
  return [...waterfall, applyToTimeline(started, event)];
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
  if (bar === undefined || event.type === 'hold') return timeline;
  const to = attempt.startedAt + event.elapsed;
  const updateBar = (changes: Partial<Bar>): RequestTimeline => ({
    ...timeline,
    bars: [...timeline.bars.slice(0, -1), { ...bar, ...changes }],
  });
  // The last attempt is settled already, so the request waits for the next one.
  const isWaiting = bar.to !== undefined;
  switch (event.type) {
    case 'hedge':
    case 'response':
      return timeline;
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
        ...(isWaiting ? timeline : updateBar({ state: 'failed', outcome: describeOutcome(event.outcome), to })),
        endedAt: to,
        endReason: `gave up: ${describeFailureReason(event.reason)}`,
      };
    case 'cancel':
      return isWaiting
        ? { ...timeline, endedAt: to, endReason: 'cancelled during the wait' }
        : { ...updateBar({ state: 'cancelled', outcome: 'cancelled', to }), endedAt: to };
    default:
      return assertNever(event);
  }
}

/** Drops the oldest attempt after the first ones, if there are more than `MAX_BARS`. */
function collapseMiddle(timeline: RequestTimeline): RequestTimeline {
  if (timeline.bars.length <= MAX_BARS) return timeline;
  return { ...timeline, bars: timeline.bars.toSpliced(KEPT_FIRST, 1), omitted: timeline.omitted + 1 };
}

/** Checks whether a request of the waterfall is still running. */
export function isRunning(waterfall: Waterfall): boolean {
  return waterfall.some(({ endedAt }) => endedAt === undefined);
}
