/**
 * What an option must be: of its sample's type, where there is one (an array's holds for each item), and usable. What is of another type is
 * refused by a `TypeError`, what cannot be used by a `RangeError`.
 */
export type OptionRule = readonly [sample: unknown, expected: string, usable?: ((value: never) => boolean) | undefined];

/** Names what was passed, briefly: `'abc'`, `-1`, `an object`. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || !value) return String(value);
  return Array.isArray(value) ? `an array of ${value.length}` : value instanceof Promise ? 'a promise' : 'an object';
}

/** What to say of an option that is not what it must be: its name, the value and what was expected. */
export function invalidOptionMessage(name: string, value: unknown, expected: string): string {
  return `${name} must be ${expected}, not ${describeValue(value)}`;
}

/** Checks an option by its rule. */
export function check(name: string, value: unknown, [sample, expected, isValid]: OptionRule): void {
  if (Array.isArray(sample)) {
    if (!Array.isArray(value))
      throw new TypeError(invalidOptionMessage(name, value, `an array, each item ${expected}`));
    value.forEach((item, index) => {
      check(`${name}[${index}]`, item, [sample[0], expected, isValid]);
    });
    return;
  }
  const hasSampleType = sample !== undefined && typeof value === typeof sample;
  if ((sample === undefined || hasSampleType) && (isValid?.(value as never) ?? true)) return;
  throw new (hasSampleType ? RangeError : TypeError)(invalidOptionMessage(name, value, expected));
}

export const FUNCTION: OptionRule = [String, 'a function'];
export const BOOLEAN: OptionRule = [true, 'true or false'];

/** One of two words. */
export function oneOf(one: string, other: string): OptionRule {
  return ['', `'${one}' or '${other}'`, (value: string) => value === one || value === other];
}

/** Checks a number of at least `min`; `Infinity` only where it is said to be allowed. Returns it. */
export function checkNumber(name: string, value: unknown, min: number, infinite = false): number {
  const usable = (number: number): boolean => number >= min && (infinite || number < Infinity);
  check(name, value, [0, `a ${infinite ? '' : 'finite '}number of at least ${min}`, usable]);
  return value as number;
}

/** Whether a value is a plain bag of options. */
export function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks a plain bag of options, so that a forgotten brace is told as such. */
export function checkOptions(name: string, value: unknown): void {
  check(name, value, [undefined, 'an object of options', isOptions]);
}
