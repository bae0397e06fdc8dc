import { check, checkOptions, type OptionRule } from '../util/option-rule.js';

/**
 * Checks the options of a transport.
 *
 * @param name - the name of the function that creates the transport
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
      throw new TypeError(`unknown option "${option}" of ${name}(); known options: ${Object.keys(rules).join(', ')}`);
    }
    if (value !== undefined) check(option, value, rule);
  }
}
