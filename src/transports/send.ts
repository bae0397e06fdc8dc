import { Observable } from 'rxjs';

import type { Transport } from './transport.js';

/** A call that was made; it lives on after the answer, for whoever has to cut the body. */
export interface Call {
  readonly controller: AbortController;
  answered: boolean;
  /** Whether it was rejected, so that nothing is left to abort. */
  rejected?: true;
}

/** What whoever sends wants to know. */
export interface SendHooks {
  /** Gets each call as it is about to be made; what it throws is the answer. */
  readonly onCall: (call: Call) => void;
  /** Told when it is answered. */
  readonly onAnswer: () => void;
  /** Says what a rejection means. */
  readonly explain: (error: unknown) => unknown;
}

/** One call of a transport, cold: unsubscribing before the answer aborts it. */
export function send(transport: Transport, url: string, init: RequestInit, { onCall, onAnswer, explain }: SendHooks): Observable<Response> {
  return new Observable((subscriber) => {
    const controller = new AbortController();
    const call: Call = { controller, answered: false };
    onCall(call);
    subscriber.add(() => {
      if (!call.answered) controller.abort();
    });
    // A transport that throws has rejected.
    const answer = async (): Promise<Response> => transport(url, { ...init, signal: controller.signal });
    answer().then(
      (response) => {
        call.answered = true;
        onAnswer();
        subscriber.next(response);
        subscriber.complete();
      },
      (error: unknown) => {
        call.answered = call.rejected = true;
        subscriber.error(explain(error));
      },
    );
  });
}
