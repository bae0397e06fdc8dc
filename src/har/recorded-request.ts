import type { InterceptorExchange } from '../client/interceptor-hooks.js';
import type { AttemptEvent, HttpAttempt } from '../retry/attempt.js';
import type { GateAttempt } from '../retry/gate.js';
import { httpOf, type Outcome } from '../retry/outcome.js';
import type { ObservedRequest, RequestListener } from '../retry/request-observer.js';
import type { AttemptRequest } from '../transports/interceptor.js';
import { now, wallClock } from '../util/clock.js';
import { isNamed } from '../util/error-name.js';
import type { HarHold, HarPage } from './har.js';
import { RecordedSending, type SendingEnd, type SendingOptions } from './recorded-sending.js';
import { type RecordedRequestBody, recordRequestBody } from './request-body.js';

type Event = AttemptEvent<unknown, HttpAttempt>;
type LastEvent = Extract<Event, { readonly total: number }>;

/** How a request ended. */
type RequestEnd = Pick<HarPage, '_outcome' | '_reason' | '_total' | '_rejected'>;

/** A hold that may not have ended. */
interface Hold {
  readonly gate: string;
  readonly attempt: number;
  readonly start: number;
  end: number | undefined;
}

/** Returns an error in words; a status says more than the error of that status. */
function describeError(outcome: Outcome): string | undefined {
  if (outcome.kind !== 'error' || isNamed(outcome.error, 'HttpStatusError')) return undefined;
  try {
    const { error } = outcome;
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    return 'an error that throws when it is looked at';
  }
}

/** Says why an outcome is retried: `503`, or the name of the error. */
function describeRetry(outcome: Outcome): string {
  try {
    const status = httpOf(outcome)?.status;
    if (status !== undefined) return String(status);
    return outcome.kind === 'error' && outcome.error instanceof Error ? outcome.error.name : 'a value';
  } catch {
    return 'an error';
  }
}

/**
 * One request as a recording sees it: its events, and the sendings of its attempts.
 *
 *     running ──► ended
 *
 * The recorder creates one per subscription.
 */
export class RecordedRequest implements RequestListener {
  readonly id: string;
  readonly sendings: RecordedSending[] = [];
  /** Those of the current attempt. */
  #current: RecordedSending[] = [];
  #hedges = 0;
  /** The one whose response the attempt has. */
  #decisive: RecordedSending | undefined;
  readonly #request: Pick<ObservedRequest, 'requestId' | 'client'>;
  readonly #title: string;
  readonly #options: SendingOptions;
  readonly #startedAt: number = wallClock();
  readonly #start: number = now();
  readonly #holds: Hold[] = [];
  /** How long gates held the current attempt, in ms. */
  #blocked = 0;
  /** The same in all attempts. */
  #body: RecordedRequestBody | undefined;
  #last: RequestEnd | undefined;
  readonly #onEnd: (request: RecordedRequest) => void;
  readonly chunk?: (bytes: Uint8Array) => void;

  constructor(
    request: ObservedRequest,
    id: string,
    options: SendingOptions,
    onEnd: (request: RecordedRequest) => void,
  ) {
    const { requestId, client } = request;
    // And not its context: what is kept is bounded.
    this.#request = { requestId, ...(client !== undefined && { client }) };
    this.#title = `${request.method} ${options.redaction.url(request.url)}`;
    this.#options = options;
    this.#onEnd = onEnd;
    this.id = id;
    // Without it bodies are read as fast as they can be.
    if (options.maxBodySize !== undefined) {
      this.chunk = (bytes) => {
        this.#decisive?.read(bytes);
      };
    }
  }

  /** Records that an attempt is sent. */
  send(request: AttemptRequest, exchange: InterceptorExchange | undefined): RecordedSending {
    const { maxBodySize } = this.#options;
    if (maxBodySize !== undefined && request.body !== null) {
      const prepared = request.body === exchange?.request?.body ? exchange.body : undefined;
      this.#body ??= recordRequestBody(request.body, prepared, maxBodySize);
    }
    const isFirst = this.#current.length === 0;
    const hedge = (request.attempt as GateAttempt).hedge ? ++this.#hedges : undefined;
    const sending = new RecordedSending(request, this.#body, isFirst ? this.#blocked : 0, hedge, this.#options);
    this.#current.push(sending);
    this.sendings.push(sending);
    return sending;
  }

  next(event: Event): void {
    switch (event.type) {
      case 'hold':
        this.#begin();
        this.#holds.push({ gate: event.gate, attempt: event.attempt.number, start: this.#elapsed, end: undefined });
        if (this.#holds.length > this.#options.limit) this.#holds.shift();
        break;
      case 'start':
        this.#begin();
        this.#blocked = this.#endHolds(event.attempt.number);
        break;
      case 'response':
        this.#decisive =
          this.#current.find(({ response }) => response === event.response) ??
          // An interceptor has replaced it.
          this.#current.findLast(({ response }) => response !== undefined);
        break;
      case 'retry':
        this.#endSendings({
          outcome: 'retry',
          retry: { reason: describeRetry(event.outcome), delay: event.delay },
          error: this.#errorText(event.outcome),
        });
        break;
      case 'failure': {
        const { gate, outcome, reason } = event;
        const error = this.#errorText(outcome);
        this.#endSendings({ outcome: 'failure', reason, error });
        this.#end(event, {
          _reason: reason,
          ...(reason === 'rejected' && { _rejected: { ...(gate !== undefined && { gate }), error: error ?? '' } }),
        });
        break;
      }
      case 'cancel':
        this.#endSendings({ outcome: 'cancel', error: 'cancelled' });
        this.#end(event);
        break;
      case 'success':
        this.#endSendings({ outcome: 'success' });
        this.#end(event);
        break;
      case 'hedge':
      case 'value':
    }
  }

  /** Returns an error in words that are safe to show. */
  #errorText(outcome: Outcome): string | undefined {
    const error = describeError(outcome);
    return error === undefined ? undefined : this.#options.redaction.text(error);
  }

  get #elapsed(): number {
    return now() - this.#start;
  }

  /** Begins an attempt, unless a hold has done so. */
  #begin(): void {
    if (!this.#decisive && this.#current.length === 0) return;
    this.#current = [];
    this.#hedges = 0;
    this.#decisive = undefined;
  }

  /** @returns how long the attempt was held, in ms */
  #endHolds(attempt: number): number {
    const elapsed = this.#elapsed;
    const holds = this.#holds.filter((hold) => hold.attempt === attempt && hold.end === undefined);
    for (const hold of holds) hold.end = elapsed;
    return elapsed - (holds[0]?.start ?? elapsed);
  }

  /** Ends the sendings of the attempt: the decisive one, or else the last, as the attempt does. */
  #endSendings(end: SendingEnd): void {
    const decisive = this.#decisive ?? this.#current.at(-1);
    for (const sending of this.#current) {
      sending.end(sending === decisive || end.outcome === 'cancel' ? end : { outcome: 'superseded' });
    }
  }

  /** Keeps no part of the event: its outcome can hold anything. */
  #end({ type, attempt, total }: LastEvent, failure?: RequestEnd): void {
    this.#last = { _outcome: type, _total: total, ...failure };
    this.#endHolds(attempt.number);
    this.#onEnd(this);
  }

  toPage(): HarPage {
    const { requestId, client } = this.#request;
    return {
      startedDateTime: new Date(this.#startedAt).toISOString(),
      id: this.id,
      title: this.#title,
      pageTimings: { onContentLoad: -1, onLoad: this.#last?._total ?? -1 },
      _requestId: requestId,
      ...(client !== undefined && { _client: client }),
      ...this.#last,
      ...(this.#holds.length > 0 && { _holds: this.#holds.map((hold) => this.#toHold(hold)) }),
    };
  }

  #toHold({ gate, attempt, start, end = this.#elapsed }: Hold): HarHold {
    return { gate, attempt, start, duration: end - start };
  }
}
