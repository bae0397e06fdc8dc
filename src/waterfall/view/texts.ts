import type { Bar, Row } from '../row.js';

/** What is said of rows and bars. */
export interface Texts {
  /** A duration. */
  time(ms: number): string;
  /** A time of day. */
  clock(ms: number): string;
  /** What a sending got; nothing for a wait or a hold. */
  label(bar: Bar): string;
  /** A bar in words. */
  bar(bar: Bar): string;
  /** Method and URL without the origin. */
  name(row: Row): string;
  state(row: Row): string;
  /** The result in short, for the column. */
  result(row: Row): string;
  /** A row in a sentence, for those who do not see it. */
  row(row: Row): string;
  /** All that is known of a row, in lines. */
  story(row: Row, current: Bar | undefined): string;
}

/** Makes the texts. A part of the page's script: it uses nothing but its arguments (`VIEW_PARTS`). */
export function createTexts(): Texts {
  const time = (ms: number): string => {
    const seconds = Math.round(ms / 1_000);
    const minutes = Math.floor(seconds / 60);
    return ms < 999.5
      ? `${Math.round(ms)} ms`
      : seconds < 60
        ? `${(ms / 1_000).toFixed(1)} s`
        : minutes < 60
          ? `${minutes} m ${seconds % 60} s`
          : `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
  };
  const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);
  const isSending = ({ state }: Bar): boolean => !/wait|held/.test(state);
  const answer = ({ label, state }: Bar): string =>
    state === 'running' ? 'under way' : /cancel|super/.test(state) ? state : (label ?? state);
  const after = (from: number, to: number | undefined): string => (to === undefined ? '' : ` after ${time(to - from)}`);
  const describe = (bar: Bar): string => {
    const { state, from, to, attempt, label, headers, detail } = bar;
    const duration = to === from ? '' : after(from, to);
    if (!isSending(bar)) return `${state}${label ? ` by ${label}` : ''}${duration.replace('after', 'for')}`;
    return `${bar.isHedge ? 'hedge of ' : ''}attempt ${attempt}: ${answer(bar)}${duration}${
      headers === undefined || headers === to ? '' : `, headers${after(from, headers)}`
    }${detail ? ` (${detail})` : ''}`;
  };
  /** The bars that say how it stands. */
  const attempts = ({ bars }: Row): Bar[] => bars.filter((bar) => isSending(bar) && bar.state !== 'superseded');
  const state = (row: Row): string => row.state ?? row.bars.at(-1)?.state ?? '';
  const outcome = (row: Row): string => state(row) + after(row.begin, row.end);
  const name = ({ method, url }: Row): string => `${method} ${url.replace(/^[a-z]+:\/\/[^/?#]+(?=.)/i, '')}`;
  return {
    time,
    clock,
    label: (bar) => (isSending(bar) ? (bar.label ?? '') : ''),
    bar: describe,
    name,
    state,
    result: (row) => {
      const last = attempts(row).at(-1);
      return `${last && last.state === row.state ? answer(last) : state(row)}${
        last && last.attempt > 1 ? ` · ${last.attempt}×` : ''
      }${row.end === undefined ? '' : ` · ${time(row.end - row.begin)}`}`;
    },
    row: (row) => {
      const bars = attempts(row);
      const count = bars.at(-1)?.attempt ?? 0;
      return `${name(row)}, ${count} attempt${count === 1 ? '' : 's'}, ${outcome(row)}: ${bars.map(answer).join(', ')}`;
    },
    story: (row, current) => {
      const { method, url, client, begin, reason, gate, bars } = row;
      return [
        `${method} ${url}`,
        `${client ? `${client}, ` : ''}${clock(begin)}`,
        ...bars.map(
          (bar) =>
            `${bar === current ? '▸' : ''}+${time(bar.from - begin)}\t${describe(bar)}${
              isSending(bar) && bar.url !== url ? `, to ${bar.url ?? ''}` : ''
            }`,
        ),
        `${outcome(row)}${reason ? `: ${reason}` : ''}${gate ? ` by ${gate}` : ''}`,
      ].join('\n');
    },
  };
}
