import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { labelOutcome } from './label-outcome.js';
import type { Bar, Row } from './row.js';

/** The most bars of a row. A request may have attempts without end; the first bars of such a row are dropped. */
const MAX_BARS = 60;

/** The state of a sending, and of a row, by the event that ends it. */
const END_STATES = { success: 'succeeded', retry: 'retried', failure: 'failed', cancel: 'cancelled' } as const;

/**
 * Returns the row of a request after one more event: the same object if the event changes nothing that is drawn. A row
 * may begin with any event, because the listener may have come late.
 */
export function reduceRow(before: Row | undefined, event: AttemptEvent<unknown, HttpAttempt>): Row {
  const { number, startedAt, method, url, client, requestId: id } = event.attempt;
  const row = before ?? { id, method, url, client, begin: startedAt, bars: [] };
  const now = startedAt + ('elapsed' in event ? event.elapsed : 0);
  const sent: Bar = { attempt: number, state: 'running', from: startedAt, url };
  const isRejected = 'reason' in event && event.reason === 'rejected';
  const isKnown = row.bars.some(({ attempt, state }) => attempt === number && !(isRejected && state === 'held'));
  // Its start was not heard or, where a gate rejects it, there was none: it is a mark without a length.
  const bars = isKnown ? row.bars : addBar(row.bars, isRejected ? { ...sent, from: now } : sent);
  switch (event.type) {
    case 'hold': {
      const last = row.bars.at(-1);
      // All gates hold an attempt from the moment for which it was planned: they are one bar.
      const isHeld = last?.state === 'held' && last.to === undefined;
      const held: Bar = { ...sent, state: 'held', label: isHeld ? `${last.label ?? ''}, ${event.gate}` : event.gate };
      return { ...row, bars: addBar(isHeld ? row.bars.slice(0, -1) : row.bars, held) };
    }
    case 'start':
      return { ...row, bars: addBar(row.bars, sent) };
    case 'hedge':
      return { ...row, bars: [...bars, { ...sent, isHedge: true, from: now, url: event.url }] };
    case 'response': {
      const answer = { headers: now, label: `${event.response.status}` };
      // No event tells which of two sendings to the same URL was answered: the first stands for them.
      return { ...row, bars: decide(bars, now, answer, (bar) => bar.url === event.url) };
    }
    case 'value':
      return isKnown ? row : { ...row, bars };
    // A type that is new has no state, and does not compile.
    default: {
      const { outcome, reason, gate } = event as Partial<Omit<Extract<typeof event, { type: 'failure' }>, 'type'>>;
      const result = { state: END_STATES[event.type], ...(outcome && labelOutcome(outcome)) };
      const ended = decide(bars, now, result, ({ headers }) => headers !== undefined).map((bar) => endBar(bar, now));
      return event.type === 'retry'
        ? { ...row, bars: [...ended, { ...sent, state: 'waiting', from: now, to: now + event.delay }] }
        : { ...row, bars: ended, end: now, state: END_STATES[event.type], reason, gate };
    }
  }
}

/** Ends a bar that goes on. A wait can be cut short, and a clock be set back. */
function endBar(bar: Bar, time: number): Bar {
  return bar.to !== undefined && bar.to <= time ? bar : { ...bar, to: Math.max(bar.from, time) };
}

function addBar(bars: readonly Bar[], bar: Bar): readonly Bar[] {
  return [...bars.slice(1 - MAX_BARS).map((each) => endBar(each, bar.from)), bar];
}

/** Gives fields to the sending under way that is the likely one, or else to the first, and supersedes all others. */
function decide(bars: readonly Bar[], time: number, fields: Partial<Bar>, isLikely: (bar: Bar) => boolean): Bar[] {
  const running = bars.filter(({ state }) => state === 'running');
  const winner = running.find(isLikely) ?? running[0];
  return bars.map((bar) =>
    bar === winner
      ? { ...bar, ...fields }
      : bar.state === 'running'
        ? { ...endBar(bar, time), state: 'superseded' }
        : bar,
  );
}
