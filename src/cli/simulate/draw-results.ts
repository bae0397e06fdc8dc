import { safeText } from '../../util/safe-text.js';
import { definedSize, type Screen } from '../screen/screen.js';
import type { Environment } from '../screen/show-attempts.js';
import { renderLine, type Canvas, type StyledText } from '../screen/style.js';
import { roundTop } from './axes.js';
import { drawChart } from './chart.js';
import { formatRatesTable } from './rates-table.js';
import { ratesOf, type Rates } from './rates.js';
import { formatReportTable } from './report-table.js';
import type { Reports } from './run-in-worker.js';

/** The results of a simulation, and what of its scenario they are shown with. */
export interface SimulationResults {
  readonly reports: Reports;
  /** The scenario's name or file. */
  readonly title: string;
  /** In ms. */
  readonly duration: number;
  /** Whether all clients begin at the same time. */
  readonly isTogether: boolean;
}

/** Load and goodput of each strategy, and the axes that fit all of them. */
export interface ComparedRates {
  readonly rates: Readonly<Record<string, Rates>>;
  readonly seconds: number;
  readonly top: number;
}

/** Returns the rates of all strategies with their common axes. */
export function compareRates({ reports, duration }: SimulationResults): ComparedRates {
  const entries = Object.entries(reports).map(([name, report]) => [name, ratesOf(report, duration)] as const);
  const all = entries.map(([, rates]) => rates);
  return {
    rates: Object.fromEntries(entries),
    seconds: Math.max(1, ...all.map(({ load }) => load.length)),
    top: roundTop(Math.max(...all.flatMap(({ load, goodput }) => [...load, ...goodput]))),
  };
}

/** In a shorter simulation, a chart would show nothing that the table does not. */
const MIN_CHART_SECONDS = 3;
/** The lines of a chart: an even number, as large as the terminal has room for. */
const MIN_CHART_ROWS = 6;
const MAX_CHART_ROWS = 10;
/** The lines of a chart that are no part of its drawing: a blank one, the name, and the time axis. */
const LINES_AROUND_CHART = 4;
/** Below this width, a chart has no room for its labels. */
const MIN_COLUMNS = 20;

/** Explains the charts, above them. */
const LEGEND: readonly StyledText[] = [
  ['per second:  ', 'dim'],
  ['██', 'goodput'],
  [' requests that succeed (goodput)  ', 'dim'],
  ['⢕⢕', 'load'],
  [' messages that arrive (load)', 'dim'],
];

/**
 * Returns the results as text: a table, and load and goodput over time, as charts on a terminal and as numbers
 * elsewhere.
 */
export function drawResults(results: SimulationResults, screen: Screen, env: Environment): string {
  const compared = compareRates(results);
  const isShort = compared.seconds < MIN_CHART_SECONDS;
  if (screen.isTTY !== true || env.TERM === 'dumb') {
    const table = formatReportTable(results.reports, results.isTogether, Infinity);
    const numbers = isShort ? [] : ['', 'per second:', ...formatRatesTable(compared.rates, compared.seconds)];
    return toText([...table, ...numbers]);
  }
  const columns = Math.max(MIN_COLUMNS, definedSize(screen.columns) ?? 80);
  const canvas: Canvas = { columns, hasColour: (env.NO_COLOR ?? '') === '', isFinal: true };
  const table = formatReportTable(results.reports, results.isTogether, columns);
  // Two lines for the legend, and one for the prompt that follows.
  const lines = (definedSize(screen.rows) ?? 24) - table.length - 3;
  const charts = isShort ? [] : [[], LEGEND, ...drawCharts(compared, columns, lines)];
  return toText(
    [...table.map((line): StyledText[] => [[line, 'plain']]), ...charts].map((line) => renderLine(line, canvas)),
  );
}

function drawCharts({ rates, seconds, top }: ComparedRates, columns: number, lines: number): StyledText[][] {
  const entries = Object.entries(rates);
  const room = Math.floor((lines / entries.length - LINES_AROUND_CHART) / 2) * 2;
  const rows = Math.max(MIN_CHART_ROWS, Math.min(MAX_CHART_ROWS, room));
  return entries.flatMap(([name, ofStrategy]): StyledText[][] => [
    [],
    [[safeText(name), 'plain']],
    ...drawChart(ofStrategy, { columns, rows, seconds, top }),
  ]);
}

function toText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
