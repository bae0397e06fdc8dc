import type { AttemptEvent, HttpAttempt } from '../../retry/attempt.js';
import { assertNever } from '../../util/assert-never.js';
import { safeText } from '../../util/safe-text.js';
import { describeAcceptedValue, describeFailureReason, describeOutcome, statusOf } from '../output/describe-outcome.js';

/**
 * An attempt: how long gates held it, how long it ran, and the wait after it. Times are in ms of the clock of the
 * events (`asyncScheduler`).
 *
 *     from ─── held ──► sentAt ─── runs ──► to ─── waits for `wait` ms
 */
export interface Bar {
  /** The object that all events of the attempt have. */
  readonly attempt: HttpAttempt;
  readonly number: number;
  readonly of: number;
  readonly url: string;
  readonly state: 'held' | 'running' | 'retried' | 'succeeded' | 'failed' | 'cancelled';
  readonly outcome: string;
  /** When a gate began to hold it; if none did, when it was sent or rejected. */
  readonly from: number;
  /** When it was sent; absent if it was not. */
  readonly sentAt?: number;
  readonly to?: number;
  /** The names of the gates that held it. */
  readonly heldBy: readonly string[];
  readonly hedges: readonly Hedge[];
  /** The URL whose response decided the attempt: its own, or that of a hedge. */
  readonly answeredBy?: string;
  /** The delay before the next attempt, in ms. */
  readonly wait?: number;
}

/** The same attempt sent once more, because no response had come. */
export interface Hedge {
  readonly url: string;
  readonly sentAt: number;
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
  // A request whose start was not observed cannot be drawn: its earlier attempts are unknown. One that a gate rejects
  // starts with its failure.
  if (event.type !== 'start' && event.type !== 'hold' && event.type !== 'failure') return waterfall;
  const started: RequestTimeline = { id: requestId, method: safeText(event.attempt.method), bars: [], omitted: 0 };
  return [...waterfall, applyToTimeline(started, event)];
}

function applyToTimeline(timeline: RequestTimeline, event: Event): RequestTimeline {
  const last = timeline.bars.at(-1);
  if (last?.to !== undefined && last.attempt === event.attempt) return endDuringWait(timeline, event);
  // Until the last attempt is settled, all events are about it. A held one that goes to another URL is another object.
  const isNext = last === undefined || last.to !== undefined;
  const bar = applyToBar(isNext ? toPlannedBar(event.attempt) : last, event);
  const bars = isNext ? [...timeline.bars, bar] : timeline.bars.with(-1, bar);
  const updated = collapseMiddle({ ...timeline, bars });
  switch (event.type) {
    case 'success':
    case 'cancel':
      return { ...updated, endedAt: timeOf(event) };
    case 'failure':
      return { ...updated, endedAt: timeOf(event), endReason: describeEnd(event, bar) };
    default:
      return updated;
  }
}

/** The request waited for its next attempt when it ended. */
function endDuringWait(timeline: RequestTimeline, event: Event): RequestTimeline {
  switch (event.type) {
    case 'failure':
      return { ...timeline, endedAt: timeOf(event), endReason: `gave up: ${describeFailureReason(event)}` };
    case 'cancel':
      return { ...timeline, endedAt: timeOf(event), endReason: 'cancelled during the wait' };
    default:
      return timeline;
  }
}

function describeEnd(event: Event & { type: 'failure' }, { sentAt }: Bar): string {
  return sentAt === undefined && event.reason === 'rejected'
    ? describeOutcome(event.outcome)
    : `gave up: ${describeFailureReason(event)}`;
}

function timeOf({ attempt, elapsed }: Event & { readonly elapsed: number }): number {
  return attempt.startedAt + elapsed;
}

function toPlannedBar(attempt: HttpAttempt): Bar {
  const { number, of, url, startedAt } = attempt;
  return {
    attempt,
    number,
    of,
    url: safeText(url),
    state: 'held',
    outcome: '…',
    from: startedAt,
    heldBy: [],
    hedges: [],
  };
}

function applyToBar(bar: Bar, event: Event): Bar {
  switch (event.type) {
    case 'hold':
      return { ...bar, outcome: 'held', heldBy: [...bar.heldBy, safeText(event.gate)] };
    case 'start': {
      const { attempt } = event;
      return { ...bar, attempt, url: safeText(attempt.url), state: 'running', outcome: '…', sentAt: attempt.startedAt };
    }
    case 'hedge':
      return { ...bar, hedges: [...bar.hedges, { url: safeText(event.url), sentAt: timeOf(event) }] };
    case 'response':
      return { ...bar, answeredBy: safeText(event.url) };
    case 'value':
      return {
        ...bar,
        outcome: describeAcceptedValue(event.value),
        ...((statusOf(event.value) ?? 0) >= 400 && { state: 'failed' }),
      };
    case 'retry':
      return {
        ...bar,
        state: 'retried',
        outcome: describeOutcome(event.outcome),
        to: timeOf(event),
        wait: event.delay,
      };
    case 'success':
      return {
        ...bar,
        ...(bar.state === 'running' && { state: 'succeeded', outcome: bar.outcome === '…' ? 'ok' : bar.outcome }),
        to: timeOf(event),
      };
    case 'failure': {
      const isRejected = bar.sentAt === undefined && event.reason === 'rejected';
      return {
        ...bar,
        state: 'failed',
        outcome: isRejected ? 'not sent' : describeOutcome(event.outcome),
        to: timeOf(event),
      };
    }
    case 'cancel':
      return { ...bar, state: 'cancelled', outcome: 'cancelled', to: timeOf(event) };
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
