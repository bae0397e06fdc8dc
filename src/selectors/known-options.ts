import { checkOptions } from '../util/option-rule.js';

/** Checks that the options of a selector are an object, and that it has none but the known ones. */
export function checkKnownOptions(options: unknown, ...known: string[]): void {
  checkOptions('options', options);
  const name = Object.keys(options as object).find((given) => !known.includes(given));
  if (name !== undefined) throw new TypeError(`unknown option "${name}"; known options: ${known.join(', ')}`);
}
