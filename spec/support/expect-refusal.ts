/**
 * Expects `call` to throw synchronously, with an error of one of these classes. Its message must contain each of
 * `parts`: the name of the option, and its value if it can be formatted.
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
