import type { PendingCase, RequestCase } from './cases.js';
import type { Figure } from './figures.js';
import { FEW_REQUESTS, type Growth, type Rounds } from './measure.js';
import type { PendingCost } from './messages.js';
import { median, ratios } from './statistics.js';

/** A table to print. Every row has one cell for each column. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The result of a case: figures for programs, and a table for people. */
export interface Result {
  readonly figures: readonly Figure[];
  readonly table: Table;
}

/** Returns the CPU time per request, and its ratios to the baseline of the case and to the subject's own. */
export function requestResult(benchCase: RequestCase, cpu: Rounds<number>): Result {
  const figures: Figure[] = [];
  const rows: string[][] = [];
  const hasSeveralBaselines = benchCase.subjects.some(({ baseline }) => baseline !== benchCase.baseline);
  for (const { name: subject, baseline } of benchCase.subjects) {
    const subjectRounds = roundsOf(cpu, subject);
    const add = (metric: 'cpu_us' | 'ratio', value: number, to?: string): number => {
      figures.push({ case: benchCase.name, subject, metric, value, ...(to === undefined ? {} : { to }) });
      return value;
    };
    const time = add('cpu_us', median(subjectRounds));
    const toCaseBaseline = add(
      'ratio',
      median(ratios(subjectRounds, roundsOf(cpu, benchCase.baseline))),
      benchCase.baseline,
    );
    const toOwnBaseline =
      baseline === benchCase.baseline
        ? toCaseBaseline
        : add('ratio', median(ratios(subjectRounds, roundsOf(cpu, baseline))), baseline);
    rows.push([
      subject,
      formatNumber(time),
      formatRatio(toCaseBaseline),
      ...(hasSeveralBaselines ? [baseline === subject ? '–' : `${formatRatio(toOwnBaseline)} ${baseline}`] : []),
    ]);
  }
  return {
    figures,
    table: {
      columns: [
        '',
        'µs of CPU',
        `times ${benchCase.baseline}`,
        ...(hasSeveralBaselines ? ['times what lies under it'] : []),
      ],
      rows,
    },
  };
}

/** Returns the heap and CPU time of each waiting request, and for subjects in `growth` the flatness. */
export function pendingResult(
  benchCase: PendingCase,
  rounds: Rounds<PendingCost>,
  growth: ReadonlyMap<string, Growth>,
): Result {
  const figures: Figure[] = [];
  const rows: string[][] = [];
  const baselineRounds = roundsOf(rounds, benchCase.baseline);
  for (const { name: subject } of benchCase.subjects) {
    const subjectRounds = roundsOf(rounds, subject);
    const cpu = pluck(subjectRounds, 'cpu');
    const heap = pluck(subjectRounds, 'heap');
    const heapRatio = median(ratios(heap, pluck(baselineRounds, 'heap')));
    const cpuRatio = median(ratios(cpu, pluck(baselineRounds, 'cpu')));
    const subjectGrowth = growth.get(subject);
    const flatness = subjectGrowth && flatnessOf(subjectGrowth);
    figures.push(
      { case: benchCase.name, subject, metric: 'heap_bytes', value: median(heap) },
      { case: benchCase.name, subject, metric: 'cpu_us', value: median(cpu) },
      { case: `${benchCase.name}-heap`, subject, metric: 'ratio', value: heapRatio, to: benchCase.baseline },
      { case: `${benchCase.name}-cpu`, subject, metric: 'ratio', value: cpuRatio, to: benchCase.baseline },
    );
    if (flatness !== undefined) {
      figures.push({
        case: `${benchCase.name}-flatness`,
        subject,
        metric: 'ratio',
        value: flatness,
        to: `${groupDigits(FEW_REQUESTS)} of its own`,
      });
    }
    rows.push([
      subject,
      `${formatNumber(median(heap) / 1024)} KiB`,
      formatRatio(heapRatio),
      formatNumber(median(cpu)),
      formatRatio(cpuRatio),
      flatness === undefined ? '–' : formatRatio(flatness),
    ]);
  }
  return {
    figures,
    table: {
      columns: [
        '',
        'heap each',
        `times ${benchCase.baseline}`,
        'µs of CPU each',
        `times ${benchCase.baseline}`,
        'flatness',
      ],
      rows,
    },
  };
}

/** Returns the CPU time of each of many waiting requests, as a multiple of that of each of few. */
export function flatnessOf({ rounds }: Growth): number {
  return median(ratios(pluck(rounds, 'ofMany'), pluck(rounds, 'ofFew')));
}

/** Returns the sizes in bytes, as a browser downloads them. */
export function sizeResult(
  name: string,
  sizes: readonly { readonly subject: string; readonly bytes: number }[],
): Result {
  return {
    figures: sizes.map(({ subject, bytes }) => ({ case: name, subject, metric: 'bytes', value: bytes })),
    table: { columns: ['', 'bytes'], rows: sizes.map(({ subject, bytes }) => [subject, groupDigits(bytes)]) },
  };
}

/** Returns the CPU time of each import in ms, as the median of its rounds. */
export function importResult(name: string, milliseconds: Rounds<number>): Result {
  const all = [...milliseconds].map(([subject, rounds]) => ({ subject, ms: median(rounds) }));
  return {
    figures: all.map(({ subject, ms }) => ({ case: name, subject, metric: 'ms', value: ms })),
    table: { columns: ['', 'ms of CPU'], rows: all.map(({ subject, ms }) => [subject, formatNumber(ms)]) },
  };
}

/** Returns the CPU time of each simulated request in µs, as the median of its rounds. */
export function simulationResult(name: string, microseconds: Rounds<number>): Result {
  const all = [...microseconds].map(([subject, rounds]) => ({ subject, value: median(rounds) }));
  return {
    figures: all.map(({ subject, value }) => ({ case: name, subject, metric: 'cpu_us', value })),
    table: {
      columns: ['', 'µs of CPU per request'],
      rows: all.map(({ subject, value }) => [subject, formatNumber(value)]),
    },
  };
}

/**
 * Returns the results of one subject.
 *
 * @throws Error if there are none
 */
export function roundsOf<R>(rounds: ReadonlyMap<string, R>, subject: string): R {
  const found = rounds.get(subject);
  if (!found) throw new Error(`no measurement of "${subject}"`);
  return found;
}

function pluck<K extends string>(rounds: readonly Readonly<Record<K, number>>[], key: K): number[] {
  return rounds.map((round) => round[key]);
}

/** Formats a ratio, such as `× 1.50`. */
export function formatRatio(ratio: number): string {
  return `× ${ratio.toFixed(2)}`;
}

/** Formats a number with three significant digits, or with all digits of its integer part. */
function formatNumber(value: number): string {
  return value >= 100 ? groupDigits(value) : value.toFixed(value >= 10 ? 1 : 2);
}

/** Formats an integer with a comma before every three digits. */
export function groupDigits(value: number): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
