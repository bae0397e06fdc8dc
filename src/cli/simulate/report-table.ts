import type { SecondReport, SimulationReport } from '../../simulate/recorder.js';
import { safeText } from '../../util/safe-text.js';
import { formatDuration } from '../format.js';
import { fitWidth } from '../screen/style.js';
import { alignColumns, type Alignment } from './align-columns.js';
import type { Reports } from './run-in-worker.js';

/** A column of the table of reports. */
interface Column {
  readonly heading: string;
  readonly format: (report: SimulationReport) => string;
}

const total = ({ series }: SimulationReport, name: Exclude<keyof SecondReport, 'at'>): number =>
  series.reduce((sum, second) => sum + second[name], 0);

const orNone = (value: number, format: (value: number) => string): string =>
  Number.isNaN(value) ? '–' : format(value);

const COLUMNS: readonly Column[] = [
  { heading: 'load', format: ({ load }) => orNone(load, (value) => value.toFixed(2)) },
  { heading: 'success', format: ({ success }) => orNone(success, (value) => `${(value * 100).toFixed(1)} %`) },
  ...(['p50', 'p90', 'p99', 'max'] as const).map((name) => ({
    heading: name,
    format: ({ latency }: SimulationReport) => orNone(latency[name], formatDuration),
  })),
  { heading: 'requests', format: ({ requests }) => String(requests) },
  { heading: 'retries', format: (report) => String(total(report, 'retries')) },
];

const HEDGES: Column = { heading: 'hedges', format: (report) => String(total(report, 'hedges')) };
const REJECTED: Column = { heading: 'rejected', format: (report) => String(total(report, 'rejected')) };
const PENDING: Column = { heading: 'pending', format: ({ pending }) => String(pending) };
const LAST_END: Column = { heading: 'over after', format: ({ lastEnd }) => formatDuration(lastEnd) };

/** The part of the requests from which those that have not ended are shown. */
const MANY_PENDING = 0.01;

/**
 * Returns the rows of a table with a strategy each, after a row of headings.
 *
 * @param isTogether - whether all clients begin at the same time: then it matters when the last one is done
 */
export function reportRows(reports: Reports, isTogether: boolean): string[][] {
  const hasHedges = Object.values(reports).some((report) => total(report, 'hedges') > 0);
  // What has not ended counts neither as a success nor as a failure: a few at the end say nothing, many do.
  const hasPending = Object.values(reports).some(({ pending, requests }) => pending > requests * MANY_PENDING);
  const columns = [
    ...COLUMNS,
    ...(hasHedges ? [HEDGES] : []),
    REJECTED,
    ...(hasPending ? [PENDING] : []),
    ...(isTogether ? [LAST_END] : []),
  ];
  return [
    ['strategy', ...columns.map(({ heading }) => heading)],
    ...Object.entries(reports).map(([name, report]) => [
      safeText(name),
      ...columns.map(({ format }) => format(report)),
    ]),
  ];
}

/** Names are cut to this, and on a narrow terminal to less: the numbers beside them matter more. */
const MAX_NAME = 30;
const MIN_NAME = 8;

/** What a narrow terminal shows least of all first. */
const LEAVABLE = ['p90', 'requests', 'p50', 'max', 'hedges', 'retries', 'pending', 'rejected', 'p99', 'load'];

/**
 * Formats the table as lines of at most `columns` cells: with less space, then with shorter names, then without some
 * columns, which the last line names. A number that is cut off would be another number.
 */
export function formatReportTable(reports: Reports, isTogether: boolean, columns: number): string[] {
  const rows = reportRows(reports, isTogether);
  const wide = align(rows, MAX_NAME, 2);
  if (widthOf(wide) <= columns) return wide;
  const left: string[] = [];
  for (const next of [undefined, ...LEAVABLE]) {
    if (next !== undefined && rows[0]?.includes(next)) left.push(next);
    const lines = squeeze(withoutColumns(rows, left), columns);
    if (lines) {
      return left.length > 0 ? [...lines, fitWidth(`not shown: ${left.join(', ')}`, columns).trimEnd()] : lines;
    }
  }
  return align(withoutColumns(rows, left), MIN_NAME, 1);
}

function withoutColumns(rows: readonly (readonly string[])[], left: readonly string[]): string[][] {
  const headings = rows[0] ?? [];
  return rows.map((row) => row.filter((_, column) => !left.includes(headings[column] ?? '')));
}

/** Returns the lines, with little space and names as short as they must be, if that is narrow enough. */
function squeeze(rows: readonly (readonly string[])[], columns: number): string[] | undefined {
  const narrow = align(rows, MAX_NAME, 1);
  const nameWidth = Math.min(MAX_NAME, Math.max(...rows.map(([name = '']) => name.length)));
  const excess = widthOf(narrow) - columns;
  if (excess <= 0) return narrow;
  return nameWidth - excess >= MIN_NAME ? align(rows, nameWidth - excess, 1) : undefined;
}

function align(rows: readonly (readonly string[])[], maxName: number, gap: number): string[] {
  const alignments = (rows[0] ?? []).map((_, column): Alignment => (column === 0 ? 'left' : 'right'));
  const short = rows.map(([name = '', ...cells]) => [fitWidth(name, Math.min(name.length, maxName)), ...cells]);
  return alignColumns(short, alignments, gap);
}

function widthOf(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => line.length));
}
