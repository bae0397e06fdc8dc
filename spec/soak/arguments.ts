import { parseArgs } from 'node:util';

import type { SoakOptions } from './soak.js';

const USAGE = 'npm run soak -- [--requests <count>] [--seconds <count>] [--concurrency <count>] [--seed <number>]';

/** A command line that no soak can be made of; the message says what was expected. */
export class SoakUsageError extends Error {
  override readonly name = 'SoakUsageError';

  constructor(message: string) {
    super(`${message}\nUsage: ${USAGE}`);
  }
}

/**
 * Reads the command line of a soak. Where neither `--requests` nor `--seconds` is given it lasts a minute; where both are, what comes first
 * ends it.
 *
 * @throws {@link SoakUsageError} where an argument is unknown, or is not such a number as it should be
 */
export function readSoakArguments(args: readonly string[], random: () => number = Math.random): SoakOptions {
  const given = parse(args);
  const requests = given.requests === undefined ? Infinity : whole('requests', given.requests, 1);
  const seconds =
    given.seconds === undefined ? (given.requests === undefined ? 60 : Infinity) : whole('seconds', given.seconds, 1);
  return {
    requests,
    seconds,
    concurrency: given.concurrency === undefined ? 256 : whole('concurrency', given.concurrency, 1, 10_000),
    // More bits than these the random numbers would not look at.
    seed: given.seed === undefined ? Math.floor(random() * 2 ** 32) : whole('seed', given.seed, 0, 2 ** 32 - 1),
  };
}

type Name = 'requests' | 'seconds' | 'concurrency' | 'seed';

function parse(args: readonly string[]): Partial<Record<Name, string>> {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({ args: [...args], options: { requests: text, seconds: text, concurrency: text, seed: text } })
      .values;
  } catch (error) {
    throw new SoakUsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: Name, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new SoakUsageError(`--${name} must be a whole number ${range}, but is "${text}".`);
}
