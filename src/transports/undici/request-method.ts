import { invalidArgument } from '../invalid-argument.js';

/** Of HTTP's own methods fetch sends these in upper case, and others as they are. */
const UPPER = /^(?:get|head|post|put|delete|options)$/i;

/**
 * The method as it is sent.
 *
 * @throws TypeError for what fetch does not send either
 */
export function methodOf({ method = 'GET', body }: RequestInit): string {
  const bodiless = body === undefined || body === null;
  if (method === 'GET' && bodiless) return method;
  const name = UPPER.test(method) ? method.toUpperCase() : method;
  if (/^connect$/i.test(name)) throw invalidArgument('undiciFetch() makes no tunnels: the method must not be CONNECT');
  if (!bodiless && (name === 'GET' || name === 'HEAD')) throw invalidArgument(`a ${name} request cannot have a body`);
  return name;
}

/** Whether HTTP, or fetch, knows no body for an answer. */
export function isBodiless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 205 || status === 304;
}
