/**
 * Expects `call` to refuse an option synchronously, with an error of the kind given whose message holds each of `parts`: the option's
 * name, and the value where it can be written down.
 */
export function expectRefusal(
  call: () => unknown,
  kinds: readonly ErrorConstructor[],
  ...parts: readonly string[]
): void {
  let thrown: unknown = 'nothing';
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(kinds.some((kind) => thrown instanceof kind))
    .withContext(`${String(thrown)} should be a ${kinds.map((kind) => kind.name).join(' or a ')}`)
    .toBeTrue();
  const message = thrown instanceof Error ? thrown.message : '';
  for (const part of parts) expect(message).toContain(part);
}
