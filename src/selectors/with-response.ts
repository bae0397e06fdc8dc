import { from, map, type ObservableInput } from 'rxjs';

import { tryParseUrl, withoutCredentials } from '../http/url.js';
import type { HttpAttempt } from '../retry/attempt.js';
import { answeringUrl } from './resource-url.js';
import type {
  OnDemandSelector,
  ResumableOnDemandSelector,
  ResumableSelector,
  Selector,
  SelectorFunction,
} from './selector.js';
import { wrapSelector } from './wrap-selector.js';

/** What a selector read, and the response that it read it from. */
export interface SelectedResponse<T> {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  /** The URL that answered, after redirects, without user and password. */
  readonly url: string;
  /** What the selector emitted. */
  readonly body: T;
}

/** A selector of the same kind, whose values come with their response. */
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

async function* wrapped<T, R>(values: AsyncIterable<T>, wrap: (value: T) => R): AsyncGenerator<R> {
  for await (const value of values) yield wrap(value);
}

/** The same values, each with its response; what is read on demand stays so. */
function select<T>(
  read: SelectorFunction<T>,
  response: Response,
  attempt: HttpAttempt,
): ObservableInput<SelectedResponse<T>> {
  const { status, statusText, headers } = response;
  const answered = answeringUrl(response, attempt.url);
  const parsed = tryParseUrl(answered);
  const url = parsed ? withoutCredentials(parsed).url : answered;
  const wrap = (body: T): SelectedResponse<T> => ({ status, statusText, headers, url, body });
  const values = read(response, attempt);
  return typeof values === 'object' && Symbol.asyncIterator in values
    ? wrapped(values, wrap)
    : from(values).pipe(map(wrap));
}

/**
 * Has a selector emit each value together with the status, the headers and the URL of its response: what `observe: 'response'` is in
 * Angular's HttpClient.
 *
 * Everything else stays as the selector does it: what is retried, how it resumes, that {@link each} can hold it back.
 *
 * @param selector - any selector: {@link json}, {@link lines}, {@link download}, or one of yours
 * @throws TypeError if it is no selector
 *
 * @example A page of a list, and where the next one is.
 * ```ts
 * import { json, RetryClient, withResponse } from 'rxjs-retry-client';
 *
 * new RetryClient().get('https://api.example.com/users', { selector: withResponse(json<string[]>()) }).subscribe(({ body, headers }) => {
 *   console.log(body.length, headers.get('link'));
 * });
 * ```
 */
export function withResponse<S extends Selector<unknown>>(selector: S): WithResponse<S>;
export function withResponse<T>(selector: Selector<T>): Selector<SelectedResponse<T>> {
  return wrapSelector(selector, (read) => (response, attempt) => select(read, response, attempt));
}
