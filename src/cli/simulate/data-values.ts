import { exponentialVariate } from '../../simulate/exponential-variate.js';
import { check, type OptionRule } from '../../util/option-rule.js';
import { duration } from '../options/value-parsers.js';

const EXPECTED_TIME = "a number of ms of at least 0, or a text such as '500ms', '2s' or '1.5m'";

const isNumber = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < Infinity;

function parseTime(value: unknown): number | undefined {
  return isNumber(value) ? value : typeof value === 'string' ? duration.parse(value) : undefined;
}

function isMean(value: unknown): value is { readonly mean: unknown } {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'mean';
}

/**
 * Reads a time of a scenario file: a number of ms, or a text such as `2s`, as on the command line.
 *
 * @param path - names the value in errors: `scenario.duration`
 * @returns the time in ms
 * @throws TypeError that names the path, the value and what was expected
 */
export function readTime(path: string, value: unknown): number {
  const time = parseTime(value);
  check(path, value, [undefined, EXPECTED_TIME, () => time !== undefined]);
  return time as number;
}

/**
 * Reads a time that can be random: one time, or `{ "mean": … }` for times around a mean, of which many are short and
 * few are long (the exponential distribution).
 *
 * @returns a function that returns a time in ms
 * @throws TypeError that names the path, the value and what was expected
 */
export function readRandomTime(path: string, value: unknown): (random: () => number) => number {
  if (isMean(value)) {
    const mean = readTime(`${path}.mean`, value.mean);
    return (random) => mean * exponentialVariate(random);
  }
  const time = parseTime(value);
  check(path, value, [undefined, `${EXPECTED_TIME}, or { "mean": … }`, () => time !== undefined]);
  return () => time as number;
}

/**
 * Reads a number that changes with time: `[[0, 40], ["20s", 80]]` is 40 from the start and 80 from 20 s on. Before the
 * first step it is 0.
 *
 * @param rule - the rule for each number
 * @returns a function of the time in ms
 * @throws TypeError or RangeError that names the path, the value and what was expected
 */
export function readSteps(path: string, value: readonly unknown[], rule: OptionRule): (at: number) => number {
  check(path, value, [undefined, 'a list with at least one step', () => value.length > 0]);
  const steps = value.map((step, index): readonly [from: number, number: number] => {
    const at = `${path}[${index}]`;
    check(at, step, [undefined, 'a pair: [from, number]', (pair: unknown) => Array.isArray(pair) && pair.length === 2]);
    const [from, number] = step as [unknown, unknown];
    check(`${at}[1]`, number, rule);
    return [readTime(`${at}[0]`, from), number as number];
  });
  for (const [index, [from]] of steps.entries()) {
    const [before] = steps[index - 1] ?? [-1];
    check(`${path}[${index}][0]`, from, [0, `later than the step before it (${before})`, (ms: number) => ms > before]);
  }
  return (at) => steps.findLast(([from]) => from <= at)?.[1] ?? 0;
}

/**
 * Calls a function of the library with options from a scenario file. What it throws then names the path in the file.
 *
 * @throws TypeError or RangeError as the function does, with the path before its message
 */
export function atPath<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const namesOption = /^[a-z]\w*(\[\d+\])? must be /i.test(error.message);
    throw new TypeError(`${path}${namesOption ? '.' : ': '}${error.message}`, { cause: error });
  }
}
