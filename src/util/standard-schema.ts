import { invalidOptionMessage } from './option-rule.js';

/** One problem that a validator found. */
export interface SchemaIssue {
  readonly message: string;
  /** The place in the data: its keys from the outermost to the innermost, each as it is or in an object. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** The result of a validator: the value, or the problems of the data. */
export type SchemaResult<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/**
 * The interface that all validators of the Standard Schema family have: Zod, Valibot, ArkType and others.
 *
 * @typeParam T - the value that it returns for valid data
 * @see {@link https://standardschema.dev | Standard Schema}
 */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
  };
}

/**
 * Checks that a value is a Standard Schema.
 *
 * @throws TypeError
 */
export function checkSchema(schema: unknown): void {
  const standard = (schema as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard'];
  if (typeof standard?.validate !== 'function') {
    throw new TypeError(
      invalidOptionMessage('schema', schema, 'a Standard Schema, such as those of Zod, Valibot or ArkType'),
    );
  }
}
