import {
  HttpErrorResponse,
  type HttpEvent,
  HttpEventType,
  HttpHeaders,
  type HttpInterceptorFn,
  type HttpRequest,
  HttpResponse,
} from '@angular/common/http';
import { concat, defer, isObservable, type Observable, of, throwError } from 'rxjs';

/** One answer of the network: a status, a status with headers, an error, or any Observable of Angular's events. */
export type AngularAnswer =
  | number
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | Error
  | Observable<HttpEvent<unknown>>;

/** A network of synchronous answers in place of Angular's own. Its interceptor must be the last of the chain. */
export interface AngularNetwork {
  readonly interceptor: HttpInterceptorFn;
  /** All requests until now. */
  readonly requests: HttpRequest<unknown>[];
  /** Returns the URLs of these requests. */
  readonly urls: () => string[];
}

/** Answers the n-th request with the n-th answer. The last answer repeats. */
export function angularNetwork(...answers: readonly AngularAnswer[]): AngularNetwork {
  const requests: HttpRequest<unknown>[] = [];
  return {
    requests,
    urls: () => requests.map(({ urlWithParams }) => urlWithParams),
    interceptor: (request) =>
      defer(() => {
        requests.push(request);
        return concat(
          of({ type: HttpEventType.Sent } as const),
          toAngularResponse(answers[Math.min(requests.length, answers.length) - 1] ?? 200, request.url),
        );
      }),
  };
}

function toAngularResponse(answer: AngularAnswer, url: string): Observable<HttpEvent<unknown>> {
  if (isObservable(answer)) return answer;
  if (answer instanceof Error) return throwError(() => new HttpErrorResponse({ error: answer, url }));
  const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
  const init = { status, url, headers: new HttpHeaders(headers) };
  return status >= 200 && status < 300
    ? of(new HttpResponse({ ...init, body: { status } }))
    : throwError(() => new HttpErrorResponse({ ...init, error: 'the body' }));
}
