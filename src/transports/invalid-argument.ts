/**
 * An error of whoever called a transport, by Node's code for it: so it is neither taken for a failure of the network, nor retried.
 *
 * @param message - names what was passed, its value and what was expected
 */
export function invalidArgument(message: string): TypeError {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_VALUE' });
}
