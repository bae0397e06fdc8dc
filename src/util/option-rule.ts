/**
 * The rule for an option's value: it has the type of `sample`, if there is one, and `isValid` accepts it. If `sample`
 * is an array, each item of the value follows the rule with the sample's item. A value of another type causes a
 * `TypeError`, an invalid value of the right type a `RangeError`.
 */
export type OptionRule = readonly [
  sample: unknown,
  expected: string,
  isValid?: ((value: never) => boolean) | undefined,
];

/** Describes a value in a few words: `'abc'`, `-1`, `an object`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || !value) return String(value);
  return Array.isArray(value) ? `an array of ${value.length}` : value instanceof Promise ? 'a promise' : 'an object';
}

/** The message for an invalid option: its name, what was expected, and the value. */
export function invalidOptionMessage(name: string, value: unknown, expected: string): string {
  return `${name} must be ${expected}, not ${describeValue(value)}`;
}

/**
 * Checks an option by its rule.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function check(name: string, value: unknown, [sample, expected, isValid]: OptionRule): void {
  if (Array.isArray(sample)) {
    if (!Array.isArray(value)) {
      throw new TypeError(invalidOptionMessage(name, value, `an array, each item ${expected}`));
    }
    // Not by forEach, which passes over holes.
    for (const [index, item] of value.entries()) check(`${name}[${index}]`, item, [sample[0], expected, isValid]);
    return;
  }
  const hasSampleType = sample !== undefined && typeof value === typeof sample;
  if ((sample === undefined || hasSampleType) && (isValid?.(value as never) ?? true)) return;
  throw new (hasSampleType ? RangeError : TypeError)(invalidOptionMessage(name, value, expected));
}

export const FUNCTION: OptionRule = [String, 'a function'];
export const STRING: OptionRule = ['', 'a string'];
export const BOOLEAN: OptionRule = [true, 'true or false'];

/** The rule for one of two strings. */
export function oneOf(one: string, other: string): OptionRule {
  return ['', `'${one}' or '${other}'`, (value: string) => value === one || value === other];
}

/**
 * Checks that a value is a number of at least `min`, and returns it.
 *
 * @param allowsInfinity - whether it may be `Infinity`
 */
export function checkNumber(name: string, value: unknown, min: number, allowsInfinity = false): number {
  const isValid = (number: number): boolean => number >= min && (allowsInfinity || number < Infinity);
  check(name, value, [0, `a ${allowsInfinity ? '' : 'finite '}number of at least ${min}`, isValid]);
  return value as number;
}

/** Whether a value can be an object of options: an object that is no array. */
export function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks that a value is an object of options, so that a forgotten brace causes an error of its own. */
export function checkOptions(name: string, value: unknown): void {
  check(name, value, [undefined, 'an object of options', isOptions]);
}
