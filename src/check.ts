/** Names what was passed, briefly: `'abc'`, `-1`, `an object`. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${value.length > 60 ? `${value.slice(0, 60)}…` : value}'`;
    case 'function':
      return 'a function';
    case 'object':
      if (value instanceof Promise) return 'a promise';
      return value === null ? 'null' : Array.isArray(value) ? `an array of ${String(value.length)}` : 'an object';
    default:
      return String(value);
  }
}

/** A value of the wrong type: a `TypeError` that names the option, the value and what was expected. */
export function wrongType(name: string, value: unknown, expected: string): TypeError {
  return new TypeError(`${name} must be ${expected}, not ${show(value)}`);
}

/** A value of the right type that cannot be used: a `RangeError` in the same words. */
export function outOfRange(name: string, value: unknown, expected: string): RangeError {
  return new RangeError(`${name} must be ${expected}, not ${show(value)}`);
}

/** Checks a number of at least `min`; `Infinity` only where it is said to be allowed. Returns it. */
export function checkNumber(name: string, value: unknown, min: number, infinite = false): number {
  const expected = `a ${infinite ? '' : 'finite '}number of at least ${String(min)}`;
  if (typeof value !== 'number') throw wrongType(name, value, expected);
  if (!(value >= min) || (value === Infinity && !infinite)) throw outOfRange(name, value, expected);
  return value;
}

/** Checks an array, item by item: `item` says whether one is what it must be. */
export function checkArray(name: string, value: unknown, expected: string, item: (value: unknown) => boolean): void {
  if (!Array.isArray(value)) throw wrongType(name, value, expected);
  value.forEach((entry: unknown, index) => {
    if (!item(entry)) throw wrongType(`${name}[${String(index)}]`, entry, expected.replace('an array of ', 'one of the '));
  });
}

/** Checks a function. */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongType(name, value, 'a function');
}

/** Checks a plain bag of options, so that a forgotten brace is told as such. */
export function checkOptions(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType(name, value, 'an object of options');
}
