/**
 * Fails to compile if a union has a member that a switch does not handle.
 *
 * @throws TypeError for a value that its type excludes
 */
export function assertNever(value: never): never {
  throw new TypeError(`unexpected value: ${String(value)}`);
}
