let prefix: string | undefined;
let runs = 0;

/** Returns the number of a run that starts: of two runs, the one that started first has the smaller number. */
export function nextRunNumber(): number {
  runs += 1;
  return runs;
}

/** Returns how many runs have started so far. */
export function countRuns(): number {
  return runs;
}

/**
 * Returns an id that no other request has, in this process or another one: about fifty random bits for the process,
 * then the number of the run.
 */
export function requestIdOf(runNumber: number): string {
  prefix ??= `${Math.random().toString(36).slice(2)}-`;
  return prefix + runNumber.toString(36);
}
