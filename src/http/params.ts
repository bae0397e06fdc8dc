import { invalidOptionMessage } from '../util/option-rule.js';
import type { NamedFields } from './named-fields.js';

/**
 * The parameters of a query: an object, or any input of URLSearchParams. In an object, an array repeats its name, and
 * `null` and `undefined` omit it.
 *
 * The compiler checks the values of a literal; those of an interface or class are checked when the request is created.
 */
export type Params =
  | Readonly<Record<string, ParamValue | readonly ParamValue[]>>
  | NamedFields
  | URLSearchParams
  | string
  | readonly (readonly [string, string])[];

/** Names and values, in order. */
export type ParamEntries = readonly (readonly [string, string])[];

/** One value of a query parameter. */
export type ParamValue = string | number | bigint | boolean | null | undefined;

const EXPECTED = 'an object, an array of [name, value] pairs, a string or URLSearchParams';

/** @throws TypeError for a value without a text of its own */
function writeValue(option: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new TypeError(invalidOptionMessage(option, value, 'a string, a number, true, false, or an array of these'));
}

function readParams(option: string, params: Params): ParamEntries {
  // A Map, a Date, a promise or a FormData has no fields, so its content would be lost. The tag is the same in every
  // realm.
  const tag = Object.prototype.toString.call(params).slice(8, -1);
  if (tag === 'Object') {
    return Object.entries<unknown>(params as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as readonly unknown[]) : [value])
        .filter((item) => item !== null && item !== undefined)
        .map((item) => [name, writeValue(`${option}.${name}`, item)] as const),
    );
  }
  try {
    if (['String', 'Array', 'URLSearchParams'].includes(tag)) {
      return [...new URLSearchParams(params as URLSearchParams)];
    }
  } catch {
    // The error below says more.
  }
  throw new TypeError(invalidOptionMessage(option, params, EXPECTED));
}

/**
 * Merges parameters; those of `params` replace those of `base` with the same name.
 *
 * @param option - the name of the option, for errors
 * @throws TypeError if `params` or one of its values is invalid
 */
export function mergeParams(
  option: string,
  base: ParamEntries | undefined,
  params: Params | undefined,
): ParamEntries | undefined {
  if (params === undefined) return base;
  const entries = readParams(option, params);
  const names = new Set(entries.map(([name]) => name));
  return [...(base ?? []).filter(([name]) => !names.has(name)), ...entries];
}
