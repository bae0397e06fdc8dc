import { invalidOptionMessage } from './option-rule.js';

/** One thing that a validator found. */
export interface SchemaIssue {
  readonly message: string;
  /** Where in the data: keys from the outermost inwards, as they are or each in an object. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a validator makes of some data: a value, or what is wrong with it. */
export type SchemaResult<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/**
 * What every validator of the Standard Schema family has: Zod, Valibot, ArkType and others.
 *
 * @typeParam T - what it gives for data that is right
 * @see {@link https://standardschema.dev | Standard Schema}
 */
export interface StandardSchema<T> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
  };
}

/** Checks that a schema is one. */
export function checkSchema(schema: unknown): void {
  const standard = (schema as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard'];
  if (typeof standard?.validate !== 'function') {
    throw new TypeError(
      invalidOptionMessage('schema', schema, 'a Standard Schema, such as those of Zod, Valibot or ArkType'),
    );
  }
}
