import {
  aimd,
  circuitBreaker,
  concurrencyLimit,
  gradient,
  hedging,
  rateLimit,
  retryBudget,
  serverLimit,
  vegas,
  type AdaptiveLimit,
  type Gate,
  type RetryStrategy,
} from '../../index.js';
import { check, checkOptions, describeValue, isOptions } from '../../util/option-rule.js';
import { UsageError } from '../failures/usage-error.js';
import type { OptionValues } from '../options/option-values.js';
import { getOption, isOptionName, isStrategyOption, options } from '../options/options.js';
import { toStrategy } from '../options/to-strategy.js';
import { atPath, readTime } from './data-values.js';

type Data = Readonly<Record<string, unknown>>;

const LIMITS: Readonly<Record<string, (limitOptions?: Data) => AdaptiveLimit>> = { gradient, vegas, aimd };
const KNOWN_LIMITS = 'a number, or one of gradient, vegas and aimd, by its name or as an object with its options';

/** The options of gates that are times, and can be texts such as `2s`. */
const TIMES: readonly string[] = ['window', 'samplingDuration', 'breakDuration', 'per', 'maxWait', 'timeout'];

/** The gates that a scenario file can name, and how each is made from its options. */
const GATES: Readonly<Record<string, (gateOptions: Data) => Gate>> = {
  retryBudget,
  circuitBreaker,
  rateLimit: (gateOptions) => rateLimit(gateOptions as unknown as Parameters<typeof rateLimit>[0]),
  serverLimit,
  concurrencyLimit: ({ max = 'gradient', ...others }) => concurrencyLimit({ ...others, max: readLimit(max) }),
};

/** Reads a number, `"gradient"`, or `{ "gradient": { "min": 1 } }`. */
function readLimit(max: unknown): number | AdaptiveLimit {
  if (typeof max === 'number') return max;
  const [name, limitOptions]: readonly unknown[] =
    isOptions(max) && Object.keys(max).length === 1 ? (Object.entries(max)[0] ?? []) : [max];
  const create = typeof name === 'string' && Object.hasOwn(LIMITS, name) ? LIMITS[name] : undefined;
  check('max', max, [undefined, KNOWN_LIMITS, () => create !== undefined]);
  return (create as (limitOptions: Data) => AdaptiveLimit)(readTimes('max', limitOptions ?? {}));
}

/** Reads the times among a gate's options, and "infinity" for what JSON has no number for. */
function readTimes(path: string, gateOptions: unknown): Data {
  checkOptions(path, gateOptions);
  return Object.fromEntries(
    Object.entries(gateOptions as Data).map(([name, value]): [string, unknown] => {
      if (typeof value === 'string' && value.toLowerCase() === 'infinity') return [name, Infinity];
      return [name, TIMES.includes(name) && typeof value === 'string' ? readTime(`${path}.${name}`, value) : value];
    }),
  );
}

const OPTION_NAMES = (Object.keys(options) as (keyof OptionValues)[]).filter(isStrategyOption);
const KNOWN = [...OPTION_NAMES, 'gates'].join(', ');

/**
 * Makes a strategy that a scenario file describes, for one client. Its fields are the command line's options; `hedge`
 * can be a percentile, and `gates` is a list of gates.
 *
 * @param path - names the strategy in errors: `scenario.strategies.careful`
 * @throws TypeError that names the path, the value and what was expected
 */
export function readStrategy(path: string, data: unknown): RetryStrategy {
  checkOptions(path, data);
  const { gates, hedge, ...others } = data as Data;
  const isPercentile = typeof hedge === 'string' && /^p\d/.test(hedge);
  const values = readOptions(path, isPercentile || hedge === undefined ? others : { ...others, hedge });
  return {
    ...atPath(path, () => toTypeErrors(() => toStrategy(values))),
    ...(isPercentile && { hedge: atPath(`${path}.hedge`, () => hedging({ after: hedge as 'p95' })) }),
    ...(gates !== undefined && { gates: readGates(`${path}.gates`, gates) }),
  };
}

function readOptions(path: string, data: Data): Partial<OptionValues> {
  const entries = Object.entries(data).map(([name, value]) => {
    if (!isOptionName(name) || !isStrategyOption(name)) {
      throw new TypeError(`unknown option "${path}.${name}"; known options: ${KNOWN}`);
    }
    return [name, readOption(`${path}.${name}`, name, value)] as const;
  });
  return Object.fromEntries(entries);
}

/** Reads an option as the command line does, so that both accept the same. */
function readOption(path: string, name: keyof OptionValues, value: unknown): unknown {
  const { parser } = getOption(name);
  if (!parser) {
    if (value !== true) throw new TypeError(`${path} must be true, not ${describeValue(value)}`);
    return true;
  }
  const isText = (item: unknown): boolean => typeof item === 'string' || typeof item === 'number';
  const text =
    Array.isArray(value) && value.every(isText) ? value.join(',') : isText(value) ? String(value) : undefined;
  const parsed: unknown = text === undefined ? undefined : parser.parse(text);
  if (parsed === undefined) throw new TypeError(`${path} must be ${parser.expected}, not ${describeValue(value)}`);
  return parsed;
}

function readGates(path: string, data: unknown): Gate[] {
  const expected = `${Object.keys(GATES).join(', ')}, or an object with one of these and its options`;
  const isGate = (item: unknown): boolean =>
    typeof item === 'string' || (isOptions(item) && Object.keys(item).length === 1);
  check(path, data, [[undefined], expected, isGate]);
  return (data as readonly (string | Data)[]).map((item, index) => {
    const [[name, gateOptions]] = (typeof item === 'string' ? [[item, {}]] : Object.entries(item)) as [
      [string, unknown],
    ];
    const create = Object.hasOwn(GATES, name) ? GATES[name] : undefined;
    if (!create) {
      throw new TypeError(`unknown gate "${path}[${index}].${name}"; known gates: ${Object.keys(GATES).join(', ')}`);
    }
    const at = `${path}[${index}].${name}`;
    const read = readTimes(at, gateOptions);
    return atPath(at, () => create(read));
  });
}

/** The command line's errors about options become errors about the file. */
function toTypeErrors<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw error instanceof UsageError ? new TypeError(error.message, { cause: error }) : error;
  }
}
