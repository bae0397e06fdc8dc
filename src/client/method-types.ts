import type { Observe } from '../retry/retry-with-strategy.js';
import type { StandardSchema } from '../util/standard-schema.js';
import type { RequestOptions } from './options.js';

/** Options with a selector. */
export type SelectingOptions<T, O extends Observe> = RequestOptions<T, O> & {
  readonly selector: NonNullable<RequestOptions<T>['selector']>;
};
/** Options with `observe: 'attempts'`. */
export type ObserveAttemptsOptions<T> = RequestOptions<T, 'attempts'> & { readonly observe: 'attempts' };

/** Options of `getJSON`, which has its own selector. */
export interface JsonOptions<T, O extends Observe = 'value'> extends Omit<RequestOptions<T, O>, 'selector'> {
  /** Validates the data and determines its type: any Standard Schema (Zod, Valibot, ArkType …). */
  readonly schema?: StandardSchema<T> | undefined;
}
