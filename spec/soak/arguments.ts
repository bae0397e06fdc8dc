import { parseArgs } from 'node:util';

import type { SoakOptions } from './soak.js';

const USAGE =
  'npm run soak -- [--requests <count>] [--seconds <count>] [--concurrency <count>] [--seed <number>] [--gates]';

/** A wrong command line. The message names the argument, what was expected, and the usage. */
export class SoakUsageError extends Error {
  override readonly name = 'SoakUsageError';

  constructor(message: string) {
    super(`${message}\nUsage: ${USAGE}`);
  }
}

/**
 * Reads the command line of a soak. Without `--requests` and `--seconds`, the soak lasts 60 s. With both, the first
 * limit ends it.
 *
 * @throws {@link SoakUsageError} if an argument is unknown or has a wrong value
 */
export function readSoakArguments(args: readonly string[], random: () => number = Math.random): SoakOptions {
  const values = parseValues(args);
  const requests = values.requests === undefined ? Infinity : readInteger('requests', values.requests, 1);
  const seconds =
    values.seconds === undefined
      ? values.requests === undefined
        ? 60
        : Infinity
      : readInteger('seconds', values.seconds, 1);
  return {
    requests,
    seconds,
    concurrency: values.concurrency === undefined ? 256 : readInteger('concurrency', values.concurrency, 1, 10_000),
    // The random numbers use 32 bits of the seed.
    gates: values.gates ?? false,
    seed: values.seed === undefined ? Math.floor(random() * 2 ** 32) : readInteger('seed', values.seed, 0, 2 ** 32 - 1),
  };
}

type OptionName = 'requests' | 'seconds' | 'concurrency' | 'seed';
type Values = Partial<Record<OptionName, string>> & { readonly gates?: boolean };

function parseValues(args: readonly string[]): Values {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { requests: text, seconds: text, concurrency: text, seed: text, gates: { type: 'boolean' } },
    }).values;
  } catch (error) {
    throw new SoakUsageError(error instanceof Error ? error.message : String(error));
  }
}

function readInteger(name: OptionName, text: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new SoakUsageError(`--${name} must be a whole number ${range}, but is "${text}"`);
}
