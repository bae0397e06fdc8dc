import type { PendingCase, RequestCase } from './cases.js';
import { FEW, type Growth, type Rounds } from './compete.js';
import type { Figure } from './figures.js';
import type { Weight } from './messages.js';
import { median, ratios } from './statistics.js';

/** A table as it is printed; every row has as many cells as there are columns. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What came of a case: the figures for machines, the table for people. */
export interface Result {
  readonly figures: readonly Figure[];
  readonly table: Table;
}

/** CPU time per request, and how many times the bare transport's that is. */
export function requestResult(one: RequestCase, cpu: Rounds<number>): Result {
  const figures: Figure[] = [];
  const rows: string[][] = [];
  const mixed = one.contestants.some(({ over }) => over !== one.bare);
  for (const { who, over } of one.contestants) {
    const mine = roundsOf(cpu, who);
    const add = (metric: 'cpu_us' | 'ratio', value: number, to?: string): number => {
      figures.push({ case: one.name, who, metric, value, ...(to === undefined ? {} : { to }) });
      return value;
    };
    const time = add('cpu_us', median(mine));
    const toBare = add('ratio', median(ratios(mine, roundsOf(cpu, one.bare))), one.bare);
    const toOwn = over === one.bare ? toBare : add('ratio', median(ratios(mine, roundsOf(cpu, over))), over);
    rows.push([who, fixed(time), times(toBare), ...(mixed ? [over === who ? '–' : `${times(toOwn)} ${over}`] : [])]);
  }
  return {
    figures,
    table: { columns: ['', 'µs of CPU', `times ${one.bare}`, ...(mixed ? ['times what lies under it'] : [])], rows },
  };
}

/** Heap and CPU time of each request that waits, and whether many cost more than few. */
export function pendingResult(one: PendingCase, rounds: Rounds<Weight>, growth: ReadonlyMap<string, Growth>): Result {
  const figures: Figure[] = [];
  const rows: string[][] = [];
  const bare = roundsOf(rounds, one.bare);
  for (const { who } of one.contestants) {
    const mine = roundsOf(rounds, who);
    const cpu = pick(mine, 'cpu');
    const heap = pick(mine, 'heap');
    const heapRatio = median(ratios(heap, pick(bare, 'heap')));
    const cpuRatio = median(ratios(cpu, pick(bare, 'cpu')));
    const grown = growth.get(who);
    const flatness = grown && flatnessOf(grown);
    figures.push(
      { case: one.name, who, metric: 'heap_bytes', value: median(heap) },
      { case: one.name, who, metric: 'cpu_us', value: median(cpu) },
      { case: `${one.name}-heap`, who, metric: 'ratio', value: heapRatio, to: one.bare },
      { case: `${one.name}-cpu`, who, metric: 'ratio', value: cpuRatio, to: one.bare },
    );
    if (flatness !== undefined) {
      figures.push({
        case: `${one.name}-flatness`,
        who,
        metric: 'ratio',
        value: flatness,
        to: `${grouped(FEW)} of its own`,
      });
    }
    rows.push([
      who,
      `${fixed(median(heap) / 1024)} KiB`,
      times(heapRatio),
      fixed(median(cpu)),
      times(cpuRatio),
      flatness === undefined ? '–' : times(flatness),
    ]);
  }
  return {
    figures,
    table: { columns: ['', 'heap each', `times ${one.bare}`, 'µs of CPU each', `times ${one.bare}`, 'flatness'], rows },
  };
}

/** How many times as much each of many costs as each of few. */
export function flatnessOf({ rounds }: Growth): number {
  return median(ratios(pick(rounds, 'ofMany'), pick(rounds, 'ofFew')));
}

/** What goes over the wire. */
export function sizeResult(name: string, sizes: readonly { readonly who: string; readonly bytes: number }[]): Result {
  return {
    figures: sizes.map(({ who, bytes }) => ({ case: name, who, metric: 'bytes', value: bytes })),
    table: { columns: ['', 'bytes'], rows: sizes.map(({ who, bytes }) => [who, grouped(bytes)]) },
  };
}

/** CPU time of an import, round by round. */
export function importResult(name: string, milliseconds: Rounds<number>): Result {
  const all = [...milliseconds].map(([who, rounds]) => ({ who, ms: median(rounds) }));
  return {
    figures: all.map(({ who, ms }) => ({ case: name, who, metric: 'ms', value: ms })),
    table: { columns: ['', 'ms of CPU'], rows: all.map(({ who, ms }) => [who, fixed(ms)]) },
  };
}

/** What somebody's measurements gave. */
export function roundsOf<R>(rounds: ReadonlyMap<string, R>, who: string): R {
  const found = rounds.get(who);
  if (!found) throw new Error(`Nobody measured ${who}.`);
  return found;
}

function pick<K extends string>(rounds: readonly Readonly<Record<K, number>>[], key: K): number[] {
  return rounds.map((round) => round[key]);
}

/** A ratio as it is printed. */
export function times(ratio: number): string {
  return `× ${ratio.toFixed(2)}`;
}

/** Three digits that count, or all of the whole ones. */
function fixed(value: number): string {
  return value >= 100 ? grouped(value) : value.toFixed(value >= 10 ? 1 : 2);
}

/** A whole number as it is printed. */
export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
