import { check, checkOptions, type OptionRule } from '../util/option-rule.js';

/**
 * Checks the options of a gate, or of a part of one.
 *
 * @param name - the name of the function that gets the options
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function checkGateOptions(name: string, options: object, rules: Readonly<Record<string, OptionRule>>): void {
  checkOptions(`the argument of ${name}()`, options);
  for (const [option, value] of Object.entries(options) as [string, unknown][]) {
    const rule = Object.hasOwn(rules, option) ? rules[option] : undefined;
    if (!rule) {
      throw new TypeError(`unknown option "${option}" of ${name}(); known options: ${Object.keys(rules).join(', ')}`);
    }
    if (value !== undefined) check(option, value, rule);
  }
}
