import { check, checkOptions, type OptionRule } from '../util/option-rule.js';

/**
 * An error of whoever called a transport, by Node's code for it: so it is neither taken for a failure of the network, nor retried.
 *
 * @param message - names what was passed, its value and what was expected
 */
export function invalidArgument(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
}

/** Why a signal was aborted; a polyfilled one may not say. */
export function abortReason(signal: AbortSignal | null | undefined): unknown {
  return (signal?.reason as unknown) ?? new DOMException('This operation was aborted', 'AbortError');
}

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
