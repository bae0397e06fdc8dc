import { parseArgs } from 'node:util';

/** The options of one run of the benchmarks. */
export interface BenchArguments {
  readonly help: boolean;
  /** The names of the cases, in the order in which they run. */
  readonly cases: readonly string[];
  /** The number of measurements of each subject. */
  readonly rounds: number;
  /** Whether the tables go into docs/performance.md. */
  readonly write: boolean;
}

/** A wrong command line. The message names the argument and what was expected. */
export class BenchUsageError extends Error {
  override readonly name = 'BenchUsageError';
}

/** The default of `--rounds`. */
export const DEFAULT_ROUNDS = 5;

/**
 * Reads the command line of `npm run bench`. `--case json` also selects `json-1`, `json-32` and so on.
 *
 * @param names - the names of all cases
 * @throws {@link BenchUsageError} if an argument is unknown or has a wrong value
 */
export function readBenchArguments(args: readonly string[], names: readonly string[]): BenchArguments {
  const values = parseValues(args);
  const cases = values.case === undefined ? names : selectCases(values.case, names);
  return {
    help: values.help ?? false,
    cases,
    rounds: values.rounds === undefined ? DEFAULT_ROUNDS : readInteger('rounds', values.rounds, 1, 1_000),
    // Tables of some cases only would stand beside tables measured on another day.
    write: values.write ?? cases.length === names.length,
  };
}

interface ParsedValues {
  readonly case?: string[];
  readonly rounds?: string;
  readonly write?: boolean;
  readonly help?: boolean;
}

function parseValues(args: readonly string[]): ParsedValues {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        case: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        write: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new BenchUsageError(error instanceof Error ? error.message : String(error));
  }
}

function selectCases(lists: readonly string[], names: readonly string[]): string[] {
  const patterns = lists.flatMap((list) => list.split(','));
  for (const pattern of patterns) {
    if (!names.some((name) => isMatch(name, pattern))) {
      throw new BenchUsageError(`unknown case "${pattern}"; known cases: ${names.join(', ')}`);
    }
  }
  return names.filter((name) => patterns.some((pattern) => isMatch(name, pattern)));
}

function isMatch(name: string, pattern: string): boolean {
  return pattern !== '' && (name === pattern || name.startsWith(`${pattern}-`));
}

function readInteger(option: string, text: string, min: number, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  throw new BenchUsageError(`--${option} must be a whole number from ${min} to ${max}, but is "${text}"`);
}

/** Returns the text of `--help`. */
export function usage(cases: readonly { readonly name: string; readonly title: string }[]): string {
  const width = Math.max(...cases.map(({ name }) => name.length)) + 2;
  return [
    'Usage: npm run bench -- [--case <name>[,<name>…]] [--rounds <count>] [--[no-]write]',
    '',
    'Compares rxjs-retry-client with its peers by CPU time per request.',
    'Prints one line of JSON per figure to standard output, and tables to standard error.',
    '',
    '  --case <names>    only these cases; json selects json-1, json-32 … (default: all)',
    `  --rounds <count>  measurements of each subject (default: ${DEFAULT_ROUNDS})`,
    '  --write           write the tables into docs/performance.md (default: only if all cases run)',
    '  --help            print this help',
    '',
    'Cases:',
    ...cases.map(({ name, title }) => `  ${name.padEnd(width)}${title}`),
  ].join('\n');
}
