/** Something that runtimes cannot do, and the checks that fail there for it. */
export interface Known {
  readonly runtimes: readonly string[];
  readonly checks: readonly string[];
  readonly cannot: string;
  readonly consequence: string;
  readonly instead: string;
  /** What the errors of the checks say, where that is this package's to say. */
  readonly says?: RegExp;
}
export const runtimes: readonly string[];
export const known: readonly Known[];
