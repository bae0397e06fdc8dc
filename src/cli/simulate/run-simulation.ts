import { resolve } from 'node:path';
import type { Writable } from 'node:stream';

import { finalize, lastValueFrom, map, takeUntil, tap } from 'rxjs';

import { safeText } from '../../util/safe-text.js';
import { exitCodeOf } from '../failures/exit-code.js';
import { termination$ } from '../failures/termination.js';
import { UsageError } from '../failures/usage-error.js';
import { isBrokenPipe } from '../failures/write-error.js';
import { ReportFile } from '../output/report-file.js';
import { write } from '../output/write-body.js';
import type { Screen } from '../screen/screen.js';
import { drawResults, type SimulationResults } from './draw-results.js';
import { htmlPage } from './html-page.js';
import { loadScenario } from './load-scenario.js';
import { prepareSimulation } from './prepare-simulation.js';
import { runInWorker } from './run-in-worker.js';
import { showProgress } from './show-progress.js';
import type { SimulateCommand } from './simulate-command.js';

/** The standard streams that a simulation writes to. */
export interface OutputStreams {
  readonly stdout: Writable & Screen;
  readonly stderr: Screen;
}

/**
 * Simulates the strategies of a command line, and writes what they did. Resolves with the exit code.
 *
 * @throws UsageError if the scenario or a strategy is wrong
 */
export async function runSimulation(
  { scenario: word, values }: SimulateCommand,
  { stdout, stderr }: OutputStreams,
): Promise<number> {
  const source = await loadScenario(word);
  const job = { source, values };
  // The worker prepares it once more: functions cannot be sent. Here, errors of the command line are found.
  const { scenario } = prepareSimulation(job);
  const page = values.html === undefined ? undefined : new ReportFile('--html', values.html);
  if ('file' in source && values.html !== undefined && resolve(source.file) === resolve(values.html)) {
    throw new UsageError(`--html: '${values.html}' is the scenario, which the page would overwrite`);
  }
  try {
    await page?.check();
    const progress = showProgress(values.quiet ? { write: () => undefined } : stderr, process.env);
    let terminated: number | undefined;
    const reports$ = runInWorker(job).pipe(
      map((message) => {
        if ('reports' in message) return message.reports;
        progress.show(message.progress);
        return undefined;
      }),
      takeUntil(termination$.pipe(tap((code) => (terminated = code)))),
      finalize(() => {
        progress.clear();
      }),
    );
    const reports = await lastValueFrom(reports$, { defaultValue: undefined });
    if (terminated !== undefined) return terminated;
    if (!reports) throw new Error('the simulation ended without a report');
    const results: SimulationResults = {
      reports,
      title: word,
      duration: scenario.duration,
      isTogether: scenario.rate === 'together',
    };
    await page?.write(htmlPage(results, scenario));
    await write(stdout, values.json ? `${JSON.stringify(reports)}\n` : drawResults(results, stdout, process.env));
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (!isBrokenPipe(error)) stderr.write(`rxjs-retry-client: ${safeText(message)}\n`);
    return exitCodeOf(error);
  }
}
