import type { SecondReport, SimulationReport } from '../../../src/simulate/recorder.js';

const SECOND: SecondReport = {
  at: 0,
  offered: 0,
  arrived: 0,
  answered: 0,
  failed: 0,
  retries: 0,
  hedges: 0,
  rejected: 0,
  held: 0,
  inFlight: 0,
};

/** Makes a report whose seconds have these counts. */
export function makeReport(
  seconds: readonly Partial<SecondReport>[],
  others: Partial<SimulationReport> = {},
): SimulationReport {
  return {
    load: 1.5,
    success: 0.9756,
    latency: { p50: 52.53, p90: 133.8, p99: 2041, max: 9043.8 },
    series: seconds.map((second, index) => ({ ...SECOND, at: index * 1_000, ...second })),
    requests: 100,
    messages: 150,
    pending: 0,
    lastEnd: 4_321,
    ...others,
  };
}
