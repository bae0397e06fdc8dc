/**
 * Creates the error for an argument that cannot be sent. It has Node's code for that, so it is neither reported as a
 * network failure nor retried.
 *
 * @param message - names the argument, its value and what was expected
 */
export function invalidArgument(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
}
