import { check, checkOptions, type OptionRule } from '../util/option-rule.js';

/** A rule for each option of a gate. */
export type GateOptionRules<Options> = { readonly [Name in keyof Options]-?: OptionRule };

/**
 * Checks the options of a gate: they are known, and each that is there follows its rule.
 *
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function checkGateOptions<Options extends object>(options: Options, rules: GateOptionRules<Options>): void {
  checkOptions('options', options);
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(rules, name)) {
      throw new TypeError(`unknown option "${name}"; known options: ${Object.keys(rules).join(', ')}`);
    }
  }
  for (const name of Object.keys(rules) as (keyof Options & string)[]) {
    const value = options[name];
    if (value !== undefined) check(name, value, rules[name]);
  }
}
