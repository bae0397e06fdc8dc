/** Compiles only if the types are equal, so that no type has become `any`. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

export function is<Expected>(): <Actual>(actual: Actual, exactly: Equal<Actual, Expected>) => void {
  return () => undefined;
}
