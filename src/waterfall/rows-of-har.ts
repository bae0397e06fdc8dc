import type { Har, HarEntry, HarPage } from '../har/har.js';
import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import { RequestRows } from './request-rows.js';
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
  const rows = new RequestRows(Infinity);
  const add = (page: AnyPage, id: string, sendings: readonly HarEntry[]): void => {
    for (const event of eventsOf(page, sendings, id)) rows.apply(event);
  };
  // The pages of other tools are what a browser showed, with many requests each.
  const ours = new Map(pages.filter(({ _requestId: id }: AnyPage) => id).map((page) => [page.id, page]));
  for (const page of ours.values()) {
    const sendings = entries.filter(({ pageref }) => pageref === page.id);
    add(page, page.id, sendings);
  }
  for (const [index, entry] of entries.entries()) {
    if (!ours.has(entry.pageref)) add({}, `entry ${index}`, [entry]);
  }
  return rows.toArray().sort((one, other) => one.begin - other.begin);
}

/** The events that there were of a request, in their order. */
function eventsOf(page: AnyPage, entries: readonly HarEntry[], requestId: string): Event[] {
  const begin = timeOf(page.startedDateTime ?? entries[0]?.startedDateTime);
  const [, method = '', pageUrl = ''] = /(\S+) (.*)/.exec(page.title ?? '') ?? [];
  const events: { readonly at: number; readonly event: object }[] = [];
  const starts: Record<number, number> = {};
  const emit = (type: string, at: number, attempt: { readonly number: number }, event: object): void => {
    const startedAt = type === 'hold' ? at : (starts[attempt.number] ??= at);
    events.push({
      at,
      event: {
        type,
        elapsed: at - startedAt,
        ...event,
        attempt: { requestId, method, url: pageUrl, client: page._client, startedAt, ...attempt },
      },
    });
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
  for (const { gate, attempt: number, start } of page._holds ?? []) {
    emit('hold', begin + toMs(start), { ...last, number }, { gate });
    if (number > last.number) last = { ...last, number };
  }
  if (type) {
    if (page._total !== undefined) end = begin + toMs(page._total);
    const { gate, error: message } = page._rejected ?? {};
    const isRejected = message !== undefined && !isSettled;
    // The attempt after the last that was sent, or the one that was held.
    const isHeld = last.number > 0 && !(last.number in starts);
    const number = isRejected && !isHeld ? last.number + 1 : last.number;
    const rejection = { error: { name: 'GateRejectedError', message } };
    emit(
      type,
      end,
      { ...last, number },
      { reason: page._reason, gate, outcome: isRejected ? rejection : (outcome ?? {}) },
    );
  }
  return events.sort((one, other) => one.at - other.at).map(({ event }) => event as Event);
}

/** A duration; 0 for the -1 and the absent fields of other tools. */
function toMs(value: number | undefined): number {
  return Math.max(0, Number(value)) || 0;
}

/** A time in ms since the epoch; 0 for what is none. */
function timeOf(text: string | undefined): number {
  return Date.parse(text ?? '') || 0;
}
