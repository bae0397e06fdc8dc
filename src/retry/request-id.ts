let prefix: string | undefined;
let runs = 0;

/** Counts a run that begins. Numbers tell which of two runs began first. */
export function nextRunNumber(): number {
  runs += 1;
  return runs;
}

/** How many runs have begun until now. */
export function countRuns(): number {
  return runs;
}

/** An id that no other request bears, in this process or another: some fifty random bits for the process, then the run's number. */
export function requestIdOf(run: number): string {
  prefix ??= `${Math.random().toString(36).slice(2)}-`;
  return prefix + run.toString(36);
}
