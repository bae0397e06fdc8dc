import { readProperty } from './foreign-object.js';

/** Whether an error has a name: that holds in every realm, and for every copy of a class, where instanceof does not. */
export function isNamed(error: unknown, name: string): error is object {
  return typeof error === 'object' && readProperty(error, 'name') === name;
}

/** Whether an error says that its caller wanted no more: fetch, RxJS, got and ky have one name for it, axios and older libraries others. */
export function isCancellation(error: unknown): boolean {
  const name = typeof error === 'object' && readProperty(error, 'name');
  return typeof name === 'string' && /^(?:Abort|Cancel|Cancell?ed)Error$/.test(name);
}
