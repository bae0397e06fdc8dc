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
const LAST_END: Column = { heading: 'over after', format: ({ lastEnd }) => formatDuration(lastEnd) };

/**
 * Returns the rows of a table with a strategy each, after a row of headings.
 *
 * @param isTogether - whether all clients begin at the same time: then it matters when the last one is done
 */
export function reportRows(reports: Reports, isTogether: boolean): string[][] {
  const hasHedges = Object.values(reports).some((report) => total(report, 'hedges') > 0);
  const columns = [...COLUMNS, ...(hasHedges ? [HEDGES] : []), REJECTED, ...(isTogether ? [LAST_END] : [])];
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

/** Formats the table as lines of at most `columns` cells, if they fit with less space and shorter names. */
export function formatReportTable(reports: Reports, isTogether: boolean, columns: number): string[] {
  const rows = reportRows(reports, isTogether);
  const wide = align(rows, MAX_NAME, 2);
  if (widthOf(wide) <= columns) return wide;
  const narrow = align(rows, MAX_NAME, 1);
  const nameWidth = Math.min(MAX_NAME, Math.max(...rows.map(([name = '']) => name.length)));
  const excess = widthOf(narrow) - columns;
  return excess <= 0 ? narrow : align(rows, Math.max(MIN_NAME, nameWidth - excess), 1);
}

function align(rows: readonly (readonly string[])[], maxName: number, gap: number): string[] {
  const alignments = (rows[0] ?? []).map((_, column): Alignment => (column === 0 ? 'left' : 'right'));
  const short = rows.map(([name = '', ...cells]) => [fitWidth(name, Math.min(name.length, maxName)), ...cells]);
  return alignColumns(short, alignments, gap);
}

function widthOf(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => line.length));
}
