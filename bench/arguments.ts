import { parseArgs } from 'node:util';

/** What a command line asks for. */
export interface BenchArguments {
  readonly help: boolean;
  /** The names of the cases, in the order in which they are run. */
  readonly cases: readonly string[];
  readonly rounds: number;
  /** Whether docs/performance.md is to be written. */
  readonly write: boolean;
}

/** A command line that cannot be followed; the message says what was expected. */
export class BenchUsageError extends Error {
  override readonly name = 'BenchUsageError';
}

/** How many rounds there are unless somebody says otherwise. */
export const ROUNDS = 5;

/**
 * Reads the command line of `npm run bench`. `--case json` stands for `json-1`, `json-32` and so on, too.
 *
 * @param names - the cases there are
 * @throws {@link BenchUsageError} where an argument is unknown, or is not what it should be
 */
export function readBenchArguments(args: readonly string[], names: readonly string[]): BenchArguments {
  const given = parse(args);
  const cases = given.case === undefined ? names : selected(given.case, names);
  return {
    help: given.help ?? false,
    cases,
    rounds: given.rounds === undefined ? ROUNDS : whole('rounds', given.rounds, 1, 1_000),
    // A part of it would be of another day than the rest.
    write: given.write ?? cases.length === names.length,
  };
}

interface Given {
  readonly case?: string[];
  readonly rounds?: string;
  readonly write?: boolean;
  readonly help?: boolean;
}

function parse(args: readonly string[]): Given {
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

function selected(lists: readonly string[], names: readonly string[]): string[] {
  const wanted = lists.flatMap((list) => list.split(','));
  for (const want of wanted) {
    if (!names.some((name) => isMeant(name, want))) {
      throw new BenchUsageError(`There is no case "${want}". The cases are: ${names.join(', ')}.`);
    }
  }
  return names.filter((name) => wanted.some((want) => isMeant(name, want)));
}

function isMeant(name: string, want: string): boolean {
  return want !== '' && (name === want || name.startsWith(`${want}-`));
}

/** Reads a whole number. */
export function whole(option: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new BenchUsageError(`--${option} must be a whole number from ${least} to ${most}, but is "${text}".`);
}

/** What `--help` says. */
export function usage(cases: readonly { readonly name: string; readonly title: string }[]): string {
  const width = Math.max(...cases.map(({ name }) => name.length)) + 2;
  return [
    'Usage: npm run bench -- [--case <name>[,<name>…]] [--rounds <count>] [--[no-]write]',
    '',
    'Sets rxjs-retry-client beside its peers, in CPU time per request. Prints one line of JSON per figure, tables on standard error.',
    '',
    `  --case <names>    only these cases; json stands for json-1, json-32 … (default: all)`,
    `  --rounds <count>  how often each contestant is measured (default: ${ROUNDS})`,
    '  --write           write docs/performance.md, for the cases that were run (default: if all were)',
    '  --help            this',
    '',
    'Cases:',
    ...cases.map(({ name, title }) => `  ${name.padEnd(width)}${title}`),
  ].join('\n');
}
