import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import type { Outcome } from '../retry/outcome.js';
import { assertNever } from '../util/assert-never.js';
import { labelOutcome } from './label-outcome.js';
import type { Bar, Row } from './row.js';

/** The most bars of a row. A request may have attempts without end; the first bars of such a row are dropped. */
const MAX_BARS = 60;

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
  const last = row.bars.at(-1);
  const end = (state: 'succeeded' | 'failed' | 'cancelled', outcome?: Outcome): Row => ({
    ...row,
    end: now,
    state,
    bars: settle(bars, now, { state, ...(outcome && labelOutcome(outcome)) }),
  });
  switch (event.type) {
    case 'hold': {
      const { gate } = event;
      // All gates hold an attempt from the moment for which it was planned: they are one bar.
      return last?.state === 'held' && last.to === undefined
        ? { ...row, bars: row.bars.with(-1, { ...last, label: `${last.label ?? ''}, ${gate}` }) }
        : { ...row, bars: addBar(row.bars, { ...sent, state: 'held', label: gate }) };
    }
    case 'start':
      return { ...row, bars: addBar(row.bars, sent) };
    case 'hedge':
      return { ...row, bars: [...bars, { ...sent, isHedge: true, from: now, url: event.url }] };
    case 'response': {
      const label = String(event.response.status);
      const sendings = bars.filter(({ state }) => state === 'running');
      // No event tells which of two sendings to the same URL was answered: the first stands for them.
      const winner = sendings.find((bar) => bar.url === event.url) ?? sendings[0];
      return {
        ...row,
        bars: bars.map((bar) => (bar === winner ? { ...bar, headers: now, label } : supersede(bar, now))),
      };
    }
    case 'value':
      return isKnown ? row : { ...row, bars };
    case 'retry':
      return {
        ...row,
        bars: [
          ...settle(bars, now, { state: 'retried', ...labelOutcome(event.outcome) }),
          { ...sent, state: 'waiting', from: now, to: now + event.delay },
        ],
      };
    case 'success':
      return end('succeeded');
    case 'failure':
      return { ...end('failed', event.outcome), reason: event.reason, gate: event.gate };
    case 'cancel':
      return end('cancelled');
    default:
      return assertNever(event);
  }
}

/** Ends a bar that goes on. A wait can be cut short, and a clock be set back. */
function endBar(bar: Bar, time: number): Bar {
  return bar.to !== undefined && bar.to <= time ? bar : { ...bar, to: Math.max(bar.from, time) };
}

function supersede(bar: Bar, time: number): Bar {
  return bar.state === 'running' ? { ...endBar(bar, time), state: 'superseded' } : bar;
}

function addBar(bars: readonly Bar[], bar: Bar): readonly Bar[] {
  return [...bars.slice(1 - MAX_BARS).map((each) => endBar(each, bar.from)), bar];
}

/** Ends everything; the sending that was answered, or the first, gets the outcome. */
function settle(bars: readonly Bar[], time: number, outcome: Partial<Bar>): readonly Bar[] {
  const sendings = bars.filter(({ state }) => state === 'running');
  const winner = sendings.find(({ headers }) => headers !== undefined) ?? sendings[0];
  return bars.map((bar) =>
    bar === winner ? { ...endBar(bar, time), ...outcome } : endBar(supersede(bar, time), time),
  );
}
