import type { Observable } from 'rxjs';

import type { RequestBody } from '../http/body.js';
import type { UrlInput } from '../http/url.js';
import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import type { Observe } from '../retry/retry-with-strategy.js';
import type { StandardSchema } from '../util/standard-schema.js';
import type { RequestOptions } from './options.js';
import type { RequestParams } from './targets.js';

/** Options with a selector. */
export type SelectingOptions<T, O extends Observe> = RequestOptions<T, O> & {
  readonly selector: NonNullable<RequestOptions<T>['selector']>;
};
/** Options that ask for the events. */
export type ObserveAttemptsOptions<T> = RequestOptions<T, 'attempts'> & { readonly observe: 'attempts' };

/**
 * What a request emits follows from its options: the Response; the selector's values; or with `observe: 'attempts'` the events of either.
 *
 * @typeParam Args - what comes before the options
 */
export interface Call<Args extends readonly unknown[]> {
  <T>(
    ...args: [...Args, options: SelectingOptions<T, 'attempts'> & ObserveAttemptsOptions<T>]
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  (...args: [...Args, options: ObserveAttemptsOptions<Response>]): Observable<AttemptEvent<Response, HttpAttempt>>;
  <T>(...args: [...Args, options: SelectingOptions<T, 'value'>]): Observable<T>;
  (...args: [...Args, options?: RequestOptions]): Observable<Response>;
}

/** A call without a body, save one in the options. */
export type UrlCall = Call<[url: UrlInput]>;
/** A call with a body. */
export type BodyCall = Call<[url: UrlInput, body?: RequestBody]>;
/** A call with any method. */
export type MethodCall = Call<[method: string, url: UrlInput]>;
/** A call whose n-th attempt is made with the n-th of the params. */
export type ListCall = Call<[params: readonly RequestParams[]]>;

/** Options of a call for JSON: it has its selector already. */
export interface JsonOptions<T, O extends Observe = 'value'> extends Omit<RequestOptions<T, O>, 'selector'> {
  /** Checks the data and gives it its type: any Standard Schema (Zod, Valibot, ArkType …). */
  readonly schema?: StandardSchema<T> | undefined;
}

/** A call for JSON. */
export interface JsonCall {
  <T = unknown>(
    url: UrlInput,
    options: JsonOptions<T, 'attempts'> & { readonly observe: 'attempts' },
  ): Observable<AttemptEvent<T, HttpAttempt>>;
  <T = unknown>(url: UrlInput, options?: JsonOptions<T>): Observable<T>;
}
