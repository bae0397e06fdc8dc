import { check, checkOptions, type OptionRule } from '../util/option-rule.js';

/**
 * Checks what a transport is made with.
 *
 * @param name - the transport's
 * @throws TypeError or RangeError that names the option, its value and what was expected
 */
export function checkTransportOptions(
  name: string,
  options: object,
  rules: Readonly<Record<string, OptionRule>>,
): void {
  checkOptions(`the argument of ${name}()`, options);
  for (const [option, value] of Object.entries(options) as [string, unknown][]) {
    const rule = Object.hasOwn(rules, option) ? rules[option] : undefined;
    if (!rule) {
      throw new TypeError(`${name}() has no option "${option}"; known options: ${Object.keys(rules).join(', ')}`);
    }
    if (value !== undefined) check(option, value, rule);
  }
}
