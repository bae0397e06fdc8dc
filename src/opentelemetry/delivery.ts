import { type Context, context } from '@opentelemetry/api';
import type { Observer } from 'rxjs';

import { runAndReportErrors } from '../util/report-errors.js';
import type { SendTelemetry } from './send-telemetry.js';

/**
 * Tells of a sending's response or error, and delivers it in the context of the caller. A sending creates one, and cuts
 * it: the error by which a transport ends then is nobody's.
 */
export class Delivery implements Observer<Response> {
  readonly #output: Observer<Response>;
  readonly #send: SendTelemetry | undefined;
  readonly #context: Context;

  constructor(output: Observer<Response>, send: SendTelemetry | undefined, callerContext: Context) {
    this.#output = output;
    this.#send = send;
    this.#context = callerContext;
  }

  next(response: Response): void {
    // A transport can ignore the abort, or have answered in the same moment.
    if (this.#send?.isCut) return;
    // The getters of a foreign response can throw: that is the request's error, and the transport's caller takes it.
    const { status, headers } = response;
    runAndReportErrors(() => {
      this.#send?.answer(response, status, headers);
    });
    context.with(this.#context, () => {
      this.#output.next(response);
    });
  }

  error(error: unknown): void {
    if (this.#send?.isCut) return;
    this.#send?.fail(error);
    context.with(this.#context, () => {
      this.#output.error(error);
    });
  }

  complete(): void {
    context.with(this.#context, () => {
      this.#output.complete();
    });
  }
}
