import { Observable } from 'rxjs';

import type { HttpAttempt } from './attempt.js';
import { explainBody } from './errors/explain.js';
import type { HttpNetworkError } from './errors/http-network-error.js';

/** Emits why a body broke off that nobody reads, or `undefined` where it has not. Reads nothing of it. */
export function brokenBody({ body }: Response, attempt: HttpAttempt): Observable<HttpNetworkError | undefined> {
  return new Observable((subscriber) => {
    const settle = (error?: HttpNetworkError): void => {
      subscriber.next(error);
      subscriber.complete();
    };
    if (!body || body.locked) {
      settle();
      return;
    }
    const reader = body.getReader();
    // One that is broken is rejected already, and wins; one that is not may never be settled.
    Promise.race([reader.closed, Promise.resolve()]).then(
      () => {
        settle();
      },
      (error: unknown) => {
        settle(explainBody(error, attempt));
      },
    );
    reader.closed.catch(() => undefined);
    reader.releaseLock();
  });
}
