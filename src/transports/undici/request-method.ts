import { invalidArgument } from '../invalid-argument.js';

/** The methods that fetch converts to upper case. It sends others as they are. */
const UPPER = /^(?:get|head|post|put|delete|options)$/i;

/**
 * Returns the method in the case in which it is sent.
 *
 * @throws TypeError for CONNECT, and for a GET or HEAD with a body, which fetch refuses too
 */
export function methodOf({ method = 'GET', body }: RequestInit): string {
  const bodiless = body === undefined || body === null;
  if (method === 'GET' && bodiless) return method;
  const name = UPPER.test(method) ? method.toUpperCase() : method;
  if (/^connect$/i.test(name)) throw invalidArgument('undiciFetch() makes no tunnels: the method must not be CONNECT');
  if (!bodiless && (name === 'GET' || name === 'HEAD')) throw invalidArgument(`a ${name} request cannot have a body`);
  return name;
}
