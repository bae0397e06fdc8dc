import { GateRejectedError, type AttemptEvent, type HttpAttempt, type Outcome } from '../../src/index.js';

/** Any event of an HTTP attempt. */
export type Event = AttemptEvent<unknown, HttpAttempt>;

/** Builds the events of a request. Times are in ms. */
export class EventBuilder {
  readonly #attempt: Omit<HttpAttempt, 'number' | 'startedAt' | 'url'>;
  #last: HttpAttempt | undefined;

  constructor(attempt: Partial<HttpAttempt> = {}) {
    this.#attempt = { of: 3, requestId: 'r1', method: 'GET', context: {}, ...attempt };
  }

  start(startedAt: number, url = 'http://a.test/x'): Event {
    this.#last = { ...this.#attempt, number: (this.#last?.number ?? 0) + 1, startedAt, url };
    return { type: 'start', attempt: this.#last };
  }

  /** The next attempt, held by a gate. */
  hold(heldAt: number, gate: string, url?: string): Event {
    this.start(heldAt, url);
    return this.holdAgain(gate);
  }

  /** The held attempt, held by one more gate. */
  holdAgain(gate: string): Event {
    return { type: 'hold', attempt: this.attempt, gate };
  }

  /** The held attempt is sent. In a run the object stays; here it is another one, so that earlier events do not change. */
  admit(startedAt: number): Event {
    this.#last = { ...this.attempt, startedAt };
    return { type: 'start', attempt: this.#last };
  }

  /** The next attempt, rejected by a gate before it was sent. */
  reject(plannedAt: number, gate: string, because?: string, url?: string): Event {
    this.start(plannedAt, url);
    return this.rejectHeld(0, gate, because);
  }

  rejectHeld(elapsed: number, gate: string, because?: string): Event {
    const { attempt } = this;
    const cause = because === undefined ? undefined : new Error(because);
    const error = new GateRejectedError({ gate, attempt, cause });
    return {
      type: 'failure',
      attempt,
      outcome: { attempt, kind: 'error', error },
      elapsed,
      total: elapsed,
      reason: 'rejected',
      gate,
    };
  }

  hedge(elapsed: number, url: string): Event {
    return { type: 'hedge', attempt: this.attempt, url, elapsed };
  }

  response(elapsed: number, status: number, url = this.attempt.url): Event {
    return { type: 'response', attempt: this.attempt, response: new Response(null, { status }), url, elapsed };
  }

  value(elapsed: number, value: unknown): Event {
    return { type: 'value', attempt: this.attempt, value, elapsed };
  }

  retry(elapsed: number, outcome: 503 | Error, delay: number): Event {
    return { type: 'retry', attempt: this.attempt, outcome: this.#outcome(outcome), elapsed, delay };
  }

  success(elapsed: number): Event {
    return { type: 'success', attempt: this.attempt, elapsed, total: elapsed };
  }

  failure(elapsed: number, outcome: number | Error, reason: (Event & { type: 'failure' })['reason']): Event {
    return { type: 'failure', attempt: this.attempt, outcome: this.#outcome(outcome), elapsed, total: elapsed, reason };
  }

  cancel(elapsed: number): Event {
    return { type: 'cancel', attempt: this.attempt, elapsed, total: elapsed };
  }

  get attempt(): HttpAttempt {
    if (this.#last === undefined) throw new Error('The first event must be start().');
    return this.#last;
  }

  #outcome(statusOrError: number | Error): Outcome {
    const { attempt } = this;
    if (typeof statusOrError !== 'number') return { attempt, kind: 'error', error: statusOrError };
    const response = new Response(null, { status: statusOrError });
    return { attempt, kind: 'response', response };
  }
}

/** Creates the error of a failed connection as Node's fetch throws it. */
export function systemError(code: string, message = code): Error {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(message), { code }) });
}
