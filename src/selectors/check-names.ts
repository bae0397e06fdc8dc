import { checkOptions } from '../util/option-rule.js';

/** Checks the options of a selector: an object that has no others than these. */
export function checkNames(options: unknown, ...known: string[]): void {
  checkOptions('options', options);
  const name = Object.keys(options as object).find((given) => !known.includes(given));
  if (name !== undefined) throw new TypeError(`unknown option "${name}"; known options: ${known.join(', ')}`);
}
