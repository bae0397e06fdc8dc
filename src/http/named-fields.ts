/**
 * An object of any interface or class, read by its fields. An interface has no index signature, so TypeScript does not
 * accept it as a Record.
 *
 * The symbols exclude objects without enumerable content: functions, collections, promises and dates.
 */
export type NamedFields = object & {
  readonly [Symbol.iterator]?: never;
  readonly [Symbol.asyncIterator]?: never;
  readonly [Symbol.hasInstance]?: never;
  readonly [Symbol.toPrimitive]?: never;
  readonly [Symbol.toStringTag]?: never;
};
