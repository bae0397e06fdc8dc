import { describeValue } from './option-rule.js';

/**
 * Ends an exhaustive switch: a member of the union that the switch leaves out then fails to compile.
 *
 * An object is named by its `type` alone, since the rest of an event may hold secrets.
 *
 * @throws TypeError that names the value, for a value that the union does not have
 */
export function assertNever(value: never): never {
  const { type = value } = Object(value) as { readonly type?: unknown };
  throw new TypeError(`unexpected value ${describeValue(type)}`);
}
