import {
  type Attributes,
  type Context,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { Observable, type Observer, type TeardownLogic, type Unsubscribable } from 'rxjs';

import type { OutgoingRequest } from '../client/exchange.js';
import type { HookedListener, Send } from '../client/hooked-listener.js';
import type { AttemptEvent, FailureReason, HttpAttempt } from '../retry/attempt.js';
import type { Outcome } from '../retry/outcome.js';
import type { ObservedRequest } from '../retry/request-observer.js';
import { assertNever } from '../util/assert-never.js';
import { now } from '../util/clock.js';
import { isNamed } from '../util/error-name.js';
import { notifyWithin } from '../util/notify-within.js';
import { runAndReportErrors } from '../util/report-errors.js';
import {
  ATTEMPTS,
  CANCELLED,
  CLIENT,
  DELAY,
  ERROR_TYPE,
  FAILURE_REASON,
  GATE,
  HTTP_REQUEST_METHOD,
  REQUEST_ID,
  SENDS,
  URL_FULL,
} from './attribute-names.js';
import { readInContext } from './body-in-context.js';
import { Delivery } from './delivery.js';
import { errorTypeOfOutcome, type ErrorType, safeMessageOf } from './error-type.js';
import { methodAttributes, redactUrl, serverAttributes, spanName } from './message-attributes.js';
import { type OutgoingMessage, type SendEnd, SendTelemetry } from './send-telemetry.js';
import type { TelemetrySetup } from './telemetry-setup.js';

type Event = AttemptEvent<unknown, HttpAttempt>;

/** How a propagator sets a header. */
const HEADERS_SETTER: TextMapSetter<Headers> = {
  set: (headers, name, value) => {
    headers.set(name, value);
  },
};

/** The requests under way that telemetry hears the events of. Request ids are unique in a process. */
const underWay = new Map<string, RequestTelemetry>();

/** Returns the telemetry of a request under way, if it has one. */
export function telemetryOf(requestId: string): RequestTelemetry | undefined {
  return underWay.get(requestId);
}

/**
 * Starts the telemetry of a request: it is to hear the events of it. Returns `undefined` if there is nothing to do,
 * because there is no SDK, or because the request has one. Errors, such as those of a provider, are reported.
 *
 * @param startedAt - when the request began, in ms since the epoch, if that is past
 */
export function startTelemetry(
  setup: TelemetrySetup,
  request: ObservedRequest,
  startedAt?: number,
): RequestTelemetry | undefined {
  let telemetry: RequestTelemetry | undefined;
  runAndReportErrors(() => {
    if (setup.isIdle || underWay.has(request.requestId)) return;
    telemetry = new RequestTelemetry(setup, request, startedAt);
    underWay.set(request.requestId, telemetry);
  });
  return telemetry;
}

/** Whether a request that was ended from outside, for a reason, was cancelled. */
function isCancelled(reason: FailureReason, outcome: Outcome): boolean {
  // Whatever the reason of an aborted signal is: only a time limit is not the caller's wish.
  return (
    reason === 'closed' ||
    (reason === 'aborted' && !(outcome.kind === 'error' && isNamed(outcome.error, 'TimeoutError')))
  );
}

/**
 * What is traced and measured of one request: the span around it, and its sendings.
 *
 * It hears the events of its request, and forgets the request with the last of them.
 */
export class RequestTelemetry implements HookedListener {
  /** What was active when the request was subscribed to. All that the application does for it happens in it. */
  readonly callerContext: Context = context.active();
  readonly #setup: TelemetrySetup;
  readonly #request: ObservedRequest;
  readonly #span: Span | undefined;
  /** The context that the spans of sendings belong to. */
  readonly #parent: Context;
  /** The sendings of the current attempt. */
  #sends: SendTelemetry[] = [];
  /** The sending whose response decides the attempt. */
  #decisive: SendTelemetry | undefined;
  #decisiveResponse: Response | undefined;
  #isBodyRead = false;
  #isNamed = false;
  #sendCount = 0;
  #attemptCount = 0;
  #retryCount = 0;
  #hold: { readonly gate: string; readonly since: number } | undefined;

  constructor(setup: TelemetrySetup, request: ObservedRequest, startedAt: number | undefined) {
    const { url, client, requestId } = request;
    this.#setup = setup;
    this.#request = request;
    this.#span = setup.hasRequestSpan
      ? setup.tracer?.startSpan(
          this.#spanName(),
          {
            kind: SpanKind.INTERNAL,
            attributes: {
              [URL_FULL]: redactUrl(url),
              [REQUEST_ID]: requestId,
              ...(client !== undefined && { [CLIENT]: client }),
            },
            ...(startedAt !== undefined && { startTime: startedAt }),
          },
          this.callerContext,
        )
      : undefined;
    this.#parent = this.#span ? trace.setSpan(this.callerContext, this.#span) : this.callerContext;
  }

  #spanName(template?: string): string {
    return `request ${spanName(this.#request.method, this.#setup.knownMethods, template)}`;
  }

  /**
   * Starts a sending. Its end follows from the events of the request. An error, such as that of a sampler, is reported,
   * and disturbs no request: it returns `undefined`.
   */
  startSend(message: OutgoingMessage): SendTelemetry | undefined {
    // An interceptor that sends again has read the answers that came before.
    for (const send of this.#sends) {
      if (send.attempt === message.attempt && !send.hasEnded) send.endBeside(undefined);
    }
    let send: SendTelemetry | undefined;
    runAndReportErrors(() => {
      send = new SendTelemetry(this.#setup, this.#parent, message, this.#sendCount);
    });
    this.#sendCount += 1;
    if (send) this.#sends.push(send);
    return send;
  }

  aroundSend(request: OutgoingRequest, observer: Observer<Response>, send: Send): TeardownLogic {
    const { method, url, body, attempt } = request;
    // An interceptor can have its headers in use elsewhere.
    const headers = new Headers(request.headers);
    const sending = this.startSend({ method, url, attempt, headers });
    const delivery = new Delivery(observer, sending, this.callerContext);
    if (!sending) return send(request, delivery);
    sending.inject(headers, HEADERS_SETTER);
    const message = { ...request, headers, body: readInContext(body, this.callerContext) };
    // Only the transport runs suppressed.
    let call: Unsubscribable | undefined;
    try {
      call = context.with(sending.transportContext, () => send(message, delivery));
    } catch (error) {
      delivery.error(error);
    }
    return () => {
      sending.cut();
      call?.unsubscribe();
    };
  }

  /**
   * Calls the application's interceptors in the context of the caller, and delivers in it what they emit. A gate lets
   * an attempt in when another request ends, and so in the context of that one; and not every context manager keeps a
   * context over timers and promises.
   */
  aroundInterceptors(responses: Observable<Response>): Observable<Response> {
    const run = (work: () => void): void => {
      context.with(this.callerContext, work);
    };
    return new Observable((output) => {
      run(() => {
        responses.pipe(notifyWithin(run)).subscribe(output);
      });
    });
  }

  next(event: Event): void {
    this.#endHold();
    switch (event.type) {
      case 'hold':
        this.#nameSpan(event.attempt);
        this.#hold = { gate: event.gate, since: now() };
        this.#span?.addEvent('hold', { [GATE]: event.gate });
        break;
      case 'start':
        this.#nameSpan(event.attempt);
        this.#attemptCount += 1;
        this.#startAttempt();
        break;
      case 'hedge':
        this.#span?.addEvent('hedge', { [URL_FULL]: redactUrl(event.url) });
        break;
      case 'response':
        this.#decide(event.response);
        break;
      case 'value':
        // Without a selector the response itself is emitted, and its body is the consumer's.
        if (event.value === this.#decisiveResponse) this.#decisive?.end({ unread: true });
        else this.#isBodyRead = true;
        break;
      case 'retry':
        this.#endAttempt(event.outcome);
        this.#recordRetry(event);
        break;
      case 'success':
        this.#endSends(this.#decisive ?? this.#sends.at(-1), {});
        this.#end({});
        break;
      case 'cancel':
        this.#endAll({ cancelled: true });
        this.#end({ [CANCELLED]: true });
        break;
      case 'failure':
        this.#fail(event);
        break;
      default:
        assertNever(event);
    }
  }

  #startAttempt(): void {
    this.#sends = [];
    this.#decisive = this.#decisiveResponse = undefined;
    this.#isBodyRead = false;
  }

  #nameSpan(attempt: HttpAttempt): void {
    if (this.#isNamed) return;
    this.#isNamed = true;
    const template = this.#span?.isRecording() ? this.#setup.templateOf(attempt) : undefined;
    if (template !== undefined) this.#span?.updateName(this.#spanName(template));
  }

  #decide(response: Response): void {
    // An interceptor can make another response of it.
    const send =
      this.#sends.find((send) => send.response === response) ?? this.#sends.findLast((send) => send.isAnswered);
    this.#decisive = send;
    this.#decisiveResponse = response;
    for (const other of this.#sends) if (other !== send) other.endBeside(send);
  }

  /** Ends the sendings of an attempt that failed. */
  #endAttempt(outcome: Outcome): void {
    const send =
      this.#sends.findLast(({ attempt }) => attempt === outcome.attempt) ?? this.#decisive ?? this.#sends.at(-1);
    this.#endSends(send, {
      errorType: errorTypeOfOutcome(outcome),
      error: outcome.kind === 'error' ? outcome.error : undefined,
      unread: outcome.kind === 'response' && !this.#isBodyRead,
    });
  }

  #endSends(decisive: SendTelemetry | undefined, end: SendEnd): void {
    for (const send of this.#sends) if (send !== decisive) send.endBeside(decisive);
    decisive?.end(end);
  }

  #endAll(end: SendEnd): void {
    for (const send of this.#sends) send.end(end);
  }

  #recordRetry({ outcome, delay }: Event & { readonly type: 'retry' }): void {
    this.#retryCount += 1;
    const errorType = errorTypeOfOutcome(outcome);
    this.#span?.addEvent('retry', {
      [DELAY]: delay / 1_000,
      ...(errorType !== undefined && { [ERROR_TYPE]: errorType }),
    });
    this.#setup.instruments?.retryDelay.record(delay / 1_000, this.#metricAttributes(), this.#parent);
  }

  #endHold(): void {
    const hold = this.#hold;
    if (!hold) return;
    this.#hold = undefined;
    this.#setup.instruments?.holdTime.record(
      (now() - hold.since) / 1_000,
      { ...this.#metricAttributes(), [GATE]: hold.gate },
      this.#parent,
    );
  }

  #fail({ outcome, reason, gate }: Event & { readonly type: 'failure' }): void {
    if (isCancelled(reason, outcome)) {
      this.#endAll({ cancelled: true });
      this.#end({ [FAILURE_REASON]: reason, [CANCELLED]: true });
      return;
    }
    this.#endAttempt(outcome);
    if (gate !== undefined) {
      this.#setup.instruments?.rejections.add(1, { ...this.#metricAttributes(), [GATE]: gate }, this.#parent);
    }
    this.#end(
      { [FAILURE_REASON]: reason, ...(gate !== undefined && { [GATE]: gate }) },
      errorTypeOfOutcome(outcome) ?? '_OTHER',
      outcome.kind === 'error' ? safeMessageOf(outcome.error) : undefined,
    );
  }

  #end(attributes: Attributes, errorType?: ErrorType, message?: string): void {
    underWay.delete(this.#request.requestId);
    if (this.#retryCount > 0) {
      this.#setup.instruments?.retries.record(this.#retryCount, this.#metricAttributes(), this.#parent);
    }
    const span = this.#span;
    if (!span) return;
    span.setAttributes({ [ATTEMPTS]: this.#attemptCount, [SENDS]: this.#sendCount, ...attributes });
    if (errorType !== undefined) {
      span.setAttribute(ERROR_TYPE, errorType);
      span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
    }
    span.end();
  }

  /** Those of our own metrics: of the request's first URL. */
  #metricAttributes(): Attributes {
    const { client, method, url } = this.#request;
    const { [HTTP_REQUEST_METHOD]: known } = methodAttributes(method, this.#setup.knownMethods);
    return {
      [HTTP_REQUEST_METHOD]: known,
      ...serverAttributes(url),
      ...(client !== undefined && { [CLIENT]: client }),
    };
  }
}
