// The thread in which `run-in-worker.ts` runs a simulation: it blocks, and can be ended at any time.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';

import { simulate, type SimulationProgress } from '../../simulate/simulate.js';
import { prepareSimulation, type SimulationJob } from './prepare-simulation.js';
import type { WorkerMessage } from './run-in-worker.js';

// Short enough for a smooth bar, long enough to cost little.
const PROGRESS_INTERVAL_MS = 80;

/** Posts progress, and in the end the reports. */
function run(port: MessagePort): void {
  const post = (message: WorkerMessage): void => {
    port.postMessage(message);
  };
  let postedAt = -Infinity;
  const onProgress = (progress: SimulationProgress): void => {
    if (performance.now() - postedAt < PROGRESS_INTERVAL_MS) return;
    postedAt = performance.now();
    post({ progress });
  };
  const { scenario, strategies } = prepareSimulation(workerData as SimulationJob);
  post({ reports: simulate(scenario, strategies, { onProgress }) });
}

// In a program's own thread there is no port.
if (parentPort) run(parentPort);
