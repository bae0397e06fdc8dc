import { invalidOptionMessage } from '../util/option-rule.js';
import type { NamedFields } from './named-fields.js';

/**
 * What `params` takes: an object (an array repeats its name; `null` and `undefined` leave it out), or whatever URLSearchParams takes.
 *
 * Values of a literal are checked when it is compiled, those of an interface or class when the request is made.
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

function writeValue(option: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  throw new TypeError(invalidOptionMessage(option, value, 'a string, a number, true, false, or an array of these'));
}

function readParams(option: string, params: Params): ParamEntries {
  // Of a Map, a Date, a promise or a FormData no field shows: their content would be lost. A tag holds for objects of every realm.
  const tag = Object.prototype.toString.call(params).slice(8, -1);
  if (tag === 'Object') {
    return Object.entries<unknown>(params as Readonly<Record<string, unknown>>).flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as readonly unknown[]) : [value])
        .filter((one) => one !== null && one !== undefined)
        .map((one) => [name, writeValue(`${option}.${name}`, one)] as const),
    );
  }
  try {
    if (['String', 'Array', 'URLSearchParams'].includes(tag)) {
      return [...new URLSearchParams(params as URLSearchParams)];
    }
  } catch {
    // It is refused below.
  }
  throw new TypeError(invalidOptionMessage(option, params, EXPECTED));
}

/**
 * Lays parameters over others, by name.
 *
 * @throws TypeError if `params` stands for none
 */
export function mergeParams(
  option: string,
  base: ParamEntries | undefined,
  params: Params | undefined,
): ParamEntries | undefined {
  if (params === undefined) return base;
  const own = readParams(option, params);
  const names = new Set(own.map(([name]) => name));
  return [...(base ?? []).filter(([name]) => !names.has(name)), ...own];
}
