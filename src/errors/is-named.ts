import { readProperty } from './marks.js';

/** Whether an error has a name: that holds in every realm, and for every copy of a class, where instanceof does not. */
export function isNamed(error: unknown, name: string): error is object {
  return typeof error === 'object' && readProperty(error, 'name') === name;
}
