import { formatDuration } from '../format.js';
import type { Bar, RequestTimeline } from './waterfall.js';

/** A request as texts for the waterfall. */
export interface RequestRows {
  /** The method, and the path if all attempts share it. */
  readonly heading: string;
  readonly rows: readonly Row[];
  /** The number of attempts in the middle that are not kept. */
  readonly omitted: number;
  /** Why the request ended without success. */
  readonly endReason: string | undefined;
}

/** Converts a request's timeline at a point in time into rows. */
export function toRequestRows(
  { method, bars, endedAt, omitted, endReason }: RequestTimeline,
  now: number,
): RequestRows {
  // Attempts mostly differ in their host alone. A path that all share is shown once, in the heading.
  const path = commonPath(bars.flatMap(({ url, hedges }) => [url, ...hedges.map((hedge) => hedge.url)]));
  const shorten = (url: string): string => (path === undefined ? url : new URL(url).origin);
  return {
    heading: path === undefined ? method : `${method} ${path}`,
    rows: bars.map((bar, i) => toRow(bar, shorten, bars[i + 1], endedAt, now)),
    omitted,
    endReason,
  };
}

/** Returns the path and query of the URLs, if all have the same. */
function commonPath(urls: readonly string[]): string | undefined {
  const paths = new Set(
    urls.map((url) => (URL.canParse(url) ? new URL(url).href.slice(new URL(url).origin.length) : undefined)),
  );
  return paths.size === 1 ? [...paths][0] : undefined;
}

/** An attempt as texts, with the ends of its bar and of the wait after it. */
export interface Row {
  readonly bar: Bar;
  readonly url: string;
  readonly number: string;
  readonly took: string;
  readonly wait: string;
  /** What the columns do not say, such as by which gates the attempt was held. */
  readonly notes: readonly string[];
  /** The time when the attempt ended, or the current time while it runs. In ms, as in `Bar`. */
  readonly to: number;
  /** The same for the wait after the attempt. */
  readonly waitTo: number;
}

function toRow(
  bar: Bar,
  shorten: (url: string) => string,
  next: Bar | undefined,
  endedAt: number | undefined,
  now: number,
): Row {
  const to = bar.to ?? endedAt ?? now;
  const waitEnd = bar.wait === undefined ? to : to + bar.wait;
  const waitTo = bar.wait === undefined ? to : Math.min(next?.from ?? endedAt ?? now, waitEnd);
  // A running wait shows the time that is left, a finished one its full length.
  const wait = next === undefined && endedAt === undefined ? waitEnd - now : bar.wait;
  return {
    bar,
    url: shorten(bar.url),
    number: `${bar.number}/${bar.of === Infinity ? '∞' : bar.of}`,
    took: bar.sentAt === undefined ? '' : formatDuration(to - bar.sentAt),
    wait: bar.wait === undefined || wait === undefined ? '' : formatDuration(wait),
    notes: [...describeHold(bar, to), ...describeHedges(bar, shorten)],
    to,
    waitTo,
  };
}

function describeHold({ heldBy, from, sentAt }: Bar, to: number): string[] {
  return heldBy.length === 0 ? [] : [`held by ${heldBy.join(', ')} for ${formatDuration((sentAt ?? to) - from)}`];
}

function describeHedges(
  { url, from, sentAt = from, hedges, answeredBy }: Bar,
  shorten: (url: string) => string,
): string[] {
  const notes = hedges.map(
    (hedge) =>
      `sent again${hedge.url === url ? '' : ` to ${shorten(hedge.url)}`} after ${formatDuration(hedge.sentAt - sentAt)}`,
  );
  // If all went to the same URL, it does not tell which one was answered.
  const isTold = answeredBy !== undefined && hedges.some((hedge) => hedge.url !== url);
  return isTold ? [...notes, `answered by ${shorten(answeredBy)}`] : notes;
}
