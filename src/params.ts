import { refusal } from './check.js';

/** What `params` takes: a record (an array repeats its name; `null` and `undefined` leave it out), or whatever URLSearchParams takes. */
export type Params = Readonly<Record<string, ParamValue | readonly ParamValue[]>> | URLSearchParams | string | readonly (readonly [string, string])[];

/** Names and values, in order. */
export type Pairs = readonly (readonly [string, string])[];

/** One value of a query parameter. */
export type ParamValue = string | number | bigint | boolean | null | undefined;

function writeValue(option: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new TypeError(refusal(option, value, 'a string, a number, true, false, or an array of these'));
}

function readParams(option: string, params: Params): Pairs {
  const expected = 'an object, an array of [name, value] pairs, a string or URLSearchParams';
  if ((typeof params !== 'string' && typeof params !== 'object') || (params as object | null) === null) throw new TypeError(refusal(option, params, expected));
  if (typeof params === 'string' || params instanceof URLSearchParams || Array.isArray(params)) {
    try {
      return [...new URLSearchParams(params as string | URLSearchParams | string[][])];
    } catch {
      throw new TypeError(refusal(option, params, expected));
    }
  }
  return Object.entries<unknown>(params as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
    (Array.isArray(value) ? (value as readonly unknown[]) : [value])
      .filter((one) => one !== null && one !== undefined)
      .map((one) => [name, writeValue(`${option}.${name}`, one)] as const),
  );
}

/**
 * Lays parameters over others, by name.
 *
 * @throws TypeError if `params` stands for none
 */
export function mergeParams(option: string, base: Pairs | undefined, params: Params | undefined): Pairs | undefined {
  if (params === undefined) return base;
  const own = readParams(option, params);
  const names = new Set(own.map(([name]) => name));
  return [...(base ?? []).filter(([name]) => !names.has(name)), ...own];
}
