import { known } from './known.js';

/**
 * Compares results with the table of what a runtime cannot do. Returns what is wrong, a sentence each: checks that fail
 * and are not listed, those that pass and are, those that fail in other words, and listed ones that do not exist.
 *
 * @param isPart - whether only some checks have run
 */
export function judge(runtime, results, isPart = false) {
  const listed = new Map(
    known.flatMap((row) => (row.runtimes.includes(runtime) ? row.checks.map((check) => [check, row]) : [])),
  );
  const faults = results.flatMap(({ name, error }) => {
    const row = listed.get(name);
    if (error === undefined) return row ? [`${runtime} passes "${name}", and known.js says that it cannot`] : [];
    if (!row) return [`${runtime} fails "${name}": ${error}`];
    return row.says && !row.says.test(error) ? [`${runtime} says of "${name}" not ${row.says}, but: ${error}`] : [];
  });
  const ran = new Set(results.map(({ name }) => name));
  const missing = isPart ? [] : [...listed.keys()].filter((name) => !ran.has(name));
  return [...faults, ...missing.map((name) => `there is no check "${name}", which known.js lists for ${runtime}`)];
}
