import { Observable } from 'rxjs';

import type { Transport } from './transport.js';

/** What whoever sends wants to know. */
export interface SendHooks {
  /** Gets the controller of each call, which lives on after the answer, for whoever has to cut the body. */
  readonly onSend: (controller: AbortController) => void;
  /** Says what a rejection means. */
  readonly explain: (error: unknown) => unknown;
}

/** One call of a transport, cold: unsubscribing before the answer aborts it. */
export function send(transport: Transport, url: string, init: RequestInit, { onSend, explain }: SendHooks): Observable<Response> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    let answered = false;
    onSend(controller);
    subscriber.add(() => {
      if (!answered) controller.abort();
    });
    // A transport that throws has rejected.
    const call = async (): Promise<Response> => transport(url, { ...init, signal: controller.signal });
    call().then(
      (response) => {
        answered = true;
        subscriber.next(response);
        subscriber.complete();
      },
      (error: unknown) => {
        answered = true;
        subscriber.error(explain(error));
      },
    );
  });
}
