import { known } from './known.js';

/**
 * Compares results with the table of what a runtime cannot do. Returns what is wrong, a sentence each: checks that fail
 * and are not listed, those that pass and are, and listed ones that do not exist.
 *
 * @param isPart - whether only some checks have run
 */
export function judge(runtime, results, isPart = false) {
  const reasons = new Map(
    known.flatMap(({ runtimes, checks }) => (runtimes.includes(runtime) ? checks.map((check) => [check]) : [])),
  );
  const faults = results.flatMap(({ name, error }) => {
    if (error !== undefined && !reasons.has(name)) return [`${runtime} fails "${name}": ${error}`];
    if (error === undefined && reasons.has(name)) return [`${runtime} passes "${name}", which known.js says it cannot`];
    return [];
  });
  const ran = new Set(results.map(({ name }) => name));
  const missing = isPart ? [] : [...reasons.keys()].filter((name) => !ran.has(name));
  return [...faults, ...missing.map((name) => `there is no check "${name}", which known.js lists for ${runtime}`)];
}
