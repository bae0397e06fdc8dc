import { HttpContext, HttpContextToken, type HttpRequest } from '@angular/common/http';

import type { HttpAttempt } from '../retry/attempt.js';
import type { GateAttempt } from '../retry/gate.js';

const ATTEMPT: HttpContextToken<HttpAttempt | undefined> = /* @__PURE__ */ new HttpContextToken<
  HttpAttempt | undefined
>(() => undefined);

/**
 * The context in which a request is sent: its own, and the attempt. What an interceptor keeps in it is found in all
 * attempts, and in all requests that share the request's own context.
 *
 * A subscription creates one for its attempts. A hedge, which is sent beside its attempt, has one of its own.
 */
export class SendingContext extends HttpContext {
  readonly #context: HttpContext;
  #attempt: HttpAttempt | undefined;

  /** @param context - the request's own */
  constructor(context: HttpContext) {
    super();
    this.#context = context instanceof SendingContext ? context.unwrapped : context;
  }

  /** Returns the context for an attempt. */
  withAttempt(attempt: HttpAttempt & GateAttempt): this | SendingContext {
    if (attempt.hedge) return new SendingContext(this.#context).#setAttempt(attempt);
    return this.#setAttempt(attempt);
  }

  #setAttempt(attempt: HttpAttempt): this {
    this.#attempt = attempt;
    return this;
  }

  /** The request's own context. */
  get unwrapped(): HttpContext {
    return this.#context;
  }

  override get<T>(token: HttpContextToken<T>): T {
    return (token as unknown) === ATTEMPT ? (this.#attempt as T) : this.#context.get(token);
  }

  override set<T>(token: HttpContextToken<T>, value: T): this {
    this.#context.set(token, value);
    return this;
  }

  override delete(token: HttpContextToken<unknown>): this {
    this.#context.delete(token);
    return this;
  }

  override has(token: HttpContextToken<unknown>): boolean {
    return this.#context.has(token);
  }

  // Without the attempt: a copy of the context is for another request.
  override keys(): IterableIterator<HttpContextToken<unknown>> {
    return this.#context.keys();
  }
}

/** Returns the context that a request had before it was sent: it is the same one in all sendings. */
export function ownContextOf({ context }: HttpRequest<unknown>): HttpContext {
  return context instanceof SendingContext ? context.unwrapped : context;
}

/**
 * Returns the attempt that a request is sent for, in an interceptor after {@link retryInterceptor}; `undefined` for a
 * request that is not retried. A hedge has an attempt of its own, of the same number.
 *
 * @param request - the request, as an interceptor gets it
 *
 * @example
 * ```ts no-run: needs Angular
 * import type { HttpInterceptorFn } from '@angular/common/http';
 * import { attemptOf } from 'rxjs-retry-client/angular';
 *
 * export const attemptNumber: HttpInterceptorFn = (request, next) => {
 *   const attempt = attemptOf(request);
 *   return next(attempt ? request.clone({ setHeaders: { 'x-attempt': String(attempt.number) } }) : request);
 * };
 * ```
 */
export function attemptOf(request: HttpRequest<unknown>): HttpAttempt | undefined {
  return request.context.get(ATTEMPT);
}
