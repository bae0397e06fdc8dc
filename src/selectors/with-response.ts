import { from, map, type ObservableInput } from 'rxjs';

import { tryParseUrl, withoutCredentials } from '../http/url.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { responseUrl } from './resource-url.js';
import type {
  OnDemandSelector,
  ResumableOnDemandSelector,
  ResumableSelector,
  Selector,
  SelectorFunction,
} from './selector.js';
import { wrapSelector } from './wrap-selector.js';

/** A value of a selector, with the metadata of the response that it was read from. */
export interface SelectedResponse<T> {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** The URL of the response, after redirects, without user and password. */
  readonly url: string;
  /** The value that the selector emitted. */
  readonly body: T;
}

/**
 * The type of `withResponse(selector)`: a selector of the same kind, which resumes and reads on demand if `selector`
 * does.
 */
export type WithResponse<S extends Selector<unknown>> =
  S extends OnDemandSelector<infer T>
    ? OnDemandSelector<SelectedResponse<T>>
    : S extends SelectorFunction<infer T>
      ? SelectorFunction<SelectedResponse<T>>
      : S extends ResumableOnDemandSelector<infer T>
        ? ResumableOnDemandSelector<SelectedResponse<T>>
        : S extends ResumableSelector<infer T>
          ? ResumableSelector<SelectedResponse<T>>
          : Selector<SelectedResponse<unknown>>;

async function* mapIterable<T, R>(values: AsyncIterable<T>, wrap: (value: T) => R): AsyncGenerator<R> {
  for await (const value of values) yield wrap(value);
}

/** Reads a response, and adds its metadata to each value. Values that are read on demand stay so. */
function selectWithResponse<T>(
  read: SelectorFunction<T>,
  response: Response,
  attempt: HttpAttempt,
): ObservableInput<SelectedResponse<T>> {
  const { status, statusText, headers } = response;
  const fullUrl = responseUrl(response, attempt.url);
  const parsed = tryParseUrl(fullUrl);
  const url = parsed ? withoutCredentials(parsed).url : fullUrl;
  const wrap = (body: T): SelectedResponse<T> => ({ status, statusText, headers, url, body });
  const values = read(response, attempt);
  return typeof values === 'object' && Symbol.asyncIterator in values
    ? mapIterable(values, wrap)
    : from(values).pipe(map(wrap));
}

/**
 * Wraps a selector so that it emits each value with the status, the headers and the URL of its response, like
 * `observe: 'response'` of Angular's HttpClient.
 *
 * All else stays the same: what is retried, how the selector resumes, and whether {@link each} can hold it back.
 *
 * @param selector - any selector: {@link json}, {@link lines}, {@link download}, or one of yours
 * @throws TypeError if `selector` is not a selector
 *
 * @example A page of a list, and the link to the next one.
 * ```ts
 * import { json, RetryClient, withResponse } from 'rxjs-retry-client';
 *
 * const selector = withResponse(json<string[]>());
 *
 * new RetryClient().get('https://api.example.com/users', { selector }).subscribe(({ body, headers }) => {
 *   console.log(body.length, headers.get('link'));
 * });
 * ```
 */
export function withResponse<S extends Selector<unknown>>(selector: S): WithResponse<S>;
export function withResponse<T>(selector: Selector<T>): Selector<SelectedResponse<T>> {
  return wrapSelector(selector, (read) => (response, attempt) => selectWithResponse(read, response, attempt));
}
