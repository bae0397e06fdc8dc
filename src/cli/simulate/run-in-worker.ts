import { Worker } from 'node:worker_threads';

import { Observable } from 'rxjs';

import type { SimulationReport } from '../../simulate/recorder.js';
import type { SimulationProgress } from '../../simulate/simulate.js';
import type { SimulationJob } from './prepare-simulation.js';

/** The reports by the strategy's name. */
export type Reports = Readonly<Record<string, SimulationReport>>;

/** What the worker sends: its progress, and the reports at the end. */
export type WorkerMessage = { readonly progress: SimulationProgress } | { readonly reports: Reports };

// The worker is a source beside this one, or what was built from it.
const WORKER_URL = new URL(`./simulation-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/**
 * Runs a simulation in a thread of its own. It emits progress and then the reports; an error is what the simulation
 * threw. Unsubscribing ends the thread, whatever it does.
 */
export function runInWorker(job: SimulationJob): Observable<WorkerMessage> {
  return new Observable((subscriber) => {
    const worker = new Worker(WORKER_URL, { workerData: job });
    worker.on('message', (message: WorkerMessage) => {
      subscriber.next(message);
    });
    worker.on('error', (error) => {
      subscriber.error(error);
    });
    worker.on('exit', () => {
      subscriber.complete();
    });
    return () => {
      void worker.terminate();
    };
  });
}
