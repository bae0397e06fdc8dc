import type { Har, HarEntry, HarPage } from '../har/har.js';
import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { reduceRow } from './reduce-row.js';
import type { Row } from './row.js';

/** A page, or nothing: other tools write neither its fields nor always a page. */
type AnyPage = Partial<HarPage>;
type AnyEntry = Partial<HarEntry>;
type Event = AttemptEvent<unknown, HttpAttempt>;

/**
 * Returns the rows of a HAR file: one for each of its pages and, in a file of another tool, one for each entry. Only
 * what is drawn is taken from it, so no header and no body.
 */
export function rowsOfHar({ log }: Har): Row[] {
  const { pages = [], entries } = log as Partial<typeof log> & Pick<typeof log, 'entries'>;
  // The pages of other tools are what a browser showed, with many requests each.
  const ours = new Map(pages.filter(({ _requestId: id }: AnyPage) => id).map((page) => [page.id, page]));
  return [
    ...[...ours.values()].map((page) =>
      eventsOf(
        page,
        entries.filter(({ pageref }) => pageref === page.id),
        page.id,
      ),
    ),
    ...entries.map((entry, index) => (ours.has(entry.pageref) ? [] : eventsOf({}, [entry], `entry ${index}`))),
  ]
    .flatMap((events) => events.reduce<Row | undefined>(reduceRow, undefined) ?? [])
    .sort((one, other) => one.begin - other.begin);
}

/** The events that there were of a request, in their order. */
function eventsOf(page: AnyPage, entries: readonly HarEntry[], requestId: string): Event[] {
  const begin = timeOf(page.startedDateTime ?? entries[0]?.startedDateTime);
  const [, method = '', pageUrl = ''] = /(\S+) (.*)/.exec(page.title ?? '') ?? [];
  const events: { readonly at: number }[] = [];
  const starts: Record<number, number> = {};
  const emit = (type: string, at: number, attempt: { readonly number: number }, event: object): void => {
    const startedAt = type === 'hold' ? at : (starts[attempt.number] ??= at);
    events.push({
      at,
      type,
      elapsed: at - startedAt,
      ...event,
      attempt: { requestId, method, url: pageUrl, client: page._client, startedAt, ...attempt },
    } as { readonly at: number });
  };
  let last = { number: 0 };
  let end = begin;
  let outcome: object | undefined;
  let type = page._outcome;
  let isSettled = false;
  for (const { request, response, timings, startedDateTime, time, _attempt, _retry, _error } of entries as AnyEntry[]) {
    const { number = 1, hedge, outcome: how } = _attempt ?? {};
    const { method = '', url = '' } = request ?? {};
    const { status = 0 } = response ?? {};
    const attempt = { number, method, url };
    const blocked = toMs(timings?.blocked);
    const from = (timeOf(startedDateTime) || begin) + blocked;
    const to = from + toMs(toMs(time) - blocked);
    emit(hedge ? 'hedge' : 'start', from, attempt, { url });
    if (status > 0) emit('response', to - toMs(timings?.receive), attempt, { url, response });
    const [name = 'error'] = /^\w*Error/.exec(_retry?.reason ?? _error ?? '') ?? [];
    const result = { error: { name, message: _error, status } };
    if (_retry) emit('retry', to, attempt, { delay: toMs(_retry.delay), outcome: result });
    if (how !== 'superseded') {
      last = attempt;
      outcome = result;
      isSettled = how === 'failure';
    }
    end = Math.max(end, to);
    if (!_attempt) type = status > 0 && status < 400 ? 'success' : 'failure';
  }
  // The one after the last that was sent.
  const rejected = { ...last, number: last.number + 1 };
  for (const { gate, attempt: number, start } of page._holds ?? []) {
    emit('hold', begin + toMs(start), { ...last, number }, { gate });
    if (number > last.number) last = { ...last, number };
  }
  if (type) {
    if (page._total !== undefined) end = begin + toMs(page._total);
    const { gate, error: message } = page._rejected ?? {};
    const isRejected = message !== undefined && !isSettled;
    if (isRejected) outcome = { error: { name: 'GateRejectedError', message } };
    emit(type, end, isRejected ? rejected : last, {
      reason: page._reason,
      gate,
      ...(type === 'failure' && { outcome: outcome ?? {} }),
    });
  }
  return events.sort((one, other) => one.at - other.at) as unknown[] as Event[];
}

/** A duration; 0 for the -1 and the absent fields of other tools. */
function toMs(value = 0): number {
  return Math.max(0, value) || 0;
}

/** A time in ms since the epoch; 0 for what is none. */
function timeOf(text = ''): number {
  return Date.parse(text) || 0;
}
