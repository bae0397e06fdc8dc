import { formatDuration } from '../format.js';
import type { Bar, RequestTimeline } from './waterfall.js';

/** A request in words. */
export interface RequestRows {
  readonly head: string;
  readonly rows: readonly Row[];
  readonly omitted: number;
  readonly endReason: string | undefined;
}

/** Puts a request into words as it stands at a time. */
export function toRequestRows({ method, bars, endedAt, omitted: left, endReason: note }: RequestTimeline, now: number): RequestRows {
  // What all attempts have in common is said once; what differs from one to the next is mostly the host.
  const path = commonPath(bars.map(({ url }) => url));
  return {
    head: path === undefined ? method : `${method} ${path}`,
    rows: bars.map((bar, i) =>
      toRow(bar, path === undefined ? bar.url : new URL(bar.url).origin, bars[i + 1], endedAt, now),
    ),
    omitted: left,
    endReason: note,
  };
}

/** The path and query that all URLs share, if they do. */
function commonPath(urls: readonly string[]): string | undefined {
  const paths = new Set(
    urls.map((url) => (URL.canParse(url) ? new URL(url).href.slice(new URL(url).origin.length) : undefined)),
  );
  return paths.size === 1 ? [...paths][0] : undefined;
}

/** An attempt in words, and how far its bar and the wait after it reach. */
export interface Row {
  readonly bar: Bar;
  readonly url: string;
  readonly number: string;
  readonly took: string;
  readonly wait: string;
  /** When the attempt ended, or how far it has come; and the same of the wait after it. */
  readonly to: number;
  readonly waitTo: number;
}

function toRow(bar: Bar, url: string, next: Bar | undefined, endedAt: number | undefined, now: number): Row {
  const to = bar.to ?? endedAt ?? now;
  const waitEnd = bar.wait === undefined ? to : to + bar.wait;
  const waitedUntil = bar.wait === undefined ? to : Math.min(next?.from ?? endedAt ?? now, waitEnd);
  // A wait that goes on is counted down; afterwards it is what it was announced to be.
  const wait = next === undefined && endedAt === undefined ? waitEnd - now : bar.wait;
  return {
    bar,
    url,
    number: `${bar.number}/${bar.of === Infinity ? '∞' : bar.of}`,
    took: formatDuration(to - bar.from),
    wait: bar.wait === undefined || wait === undefined ? '' : formatDuration(wait),
    to,
    waitTo: waitedUntil,
  };
}
