import { check, checkOptions, type OptionRule } from './option-rule.js';

/** A rule for each option. */
export type OptionRules<Options> = { readonly [Name in keyof Options]-?: OptionRule };

/**
 * Checks options: they are known, and each that is there follows its rule.
 *
 * @param of - what they are options of, if messages name it: `scenario`
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function checkKnownOptions<Options extends object>(
  options: Options,
  rules: OptionRules<Options>,
  of?: string,
): void {
  const path = of === undefined ? '' : `${of}.`;
  checkOptions(of ?? 'options', options);
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(rules, name)) {
      throw new TypeError(`unknown option "${path}${name}"; known options: ${Object.keys(rules).join(', ')}`);
    }
  }
  for (const name of Object.keys(rules) as (keyof Options & string)[]) {
    const value = options[name];
    if (value !== undefined) check(path + name, value, rules[name]);
  }
}
