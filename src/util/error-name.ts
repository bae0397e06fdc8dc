import { readProperty } from './foreign-object.js';

/**
 * Whether an error has this name. Unlike `instanceof`, a name is the same in every realm and every copy of a package.
 */
export function isNamed(error: unknown, name: string): error is object {
  return typeof error === 'object' && readProperty(error, 'name') === name;
}

/**
 * Whether an error reports a cancellation. fetch, RxJS, got and ky name it AbortError, axios and older libraries
 * CanceledError, CancelledError or CancelError.
 */
export function isCancellation(error: unknown): boolean {
  const name = typeof error === 'object' && readProperty(error, 'name');
  return typeof name === 'string' && /^(?:Abort|Cancel|Cancell?ed)Error$/.test(name);
}
