import {
  type Context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';

import type { HttpAttempt } from '../retry/attempt.js';
import type { GateAttempt } from '../retry/gate.js';
import { now, wallClock } from '../util/clock.js';
import { runAndReportErrors } from '../util/report-errors.js';
import {
  ATTEMPT,
  CANCELLED,
  ERROR_TYPE,
  HEDGE,
  HTTP_REQUEST_RESEND_COUNT,
  HTTP_RESPONSE_STATUS_CODE,
  LOST,
  requestHeader,
  responseHeader,
} from './attribute-names.js';
import { errorTypeOf, errorTypeOfStatus, type ErrorType, safeMessageOf } from './error-type.js';
import type { Instruments } from './instruments.js';
import { type MessageTarget, messageTarget } from './message-attributes.js';
import { sendingContext, suppressTracing } from './sending-context.js';
import type { TelemetrySetup } from './telemetry-setup.js';

/** A message that is about to be sent. */
export interface OutgoingMessage {
  readonly method: string;
  readonly url: string;
  /** The attempt that it is sent for, if that is known. */
  readonly attempt: HttpAttempt | undefined;
  readonly headers: HeaderReader;
}

/** The headers of fetch, or of Angular. */
export interface HeaderReader {
  get(name: string): string | null;
  getSetCookie?(): string[];
  getAll?(name: string): string[] | null;
}

/** How a sending ended. */
export interface SendEnd {
  readonly errorType?: ErrorType | undefined;
  /** The error, for what it says. */
  readonly error?: unknown;
  /** Whether nobody read the body, so that it ended when its headers came. */
  readonly unread?: boolean;
  /** Whether another sending of the attempt won. */
  readonly lost?: boolean;
  /** Whether the caller left. */
  readonly cancelled?: boolean;
}

/** A moment, on the clock for durations and on the wall clock. */
interface Moment {
  readonly time: number;
  readonly date: number;
}

/** Returns the values of a header; `undefined` if it is absent. */
function headerValues(headers: HeaderReader, name: string): string[] | undefined {
  const values =
    headers.getAll?.(name) ??
    (name.toLowerCase() === 'set-cookie' ? headers.getSetCookie?.() : undefined) ??
    [headers.get(name)].filter((value) => value !== null);
  return values.length > 0 ? values : undefined;
}

/**
 * One sending of a message: its span, and its measurements.
 *
 *     sending ──► answered ──► ended
 *
 * It can be cut, or end, in any state. The telemetry of its request creates it.
 */
export class SendTelemetry {
  readonly attempt: HttpAttempt | undefined;
  /** The response, as the transport gave it. */
  response: unknown;
  hasEnded = false;
  /** Where the transport is called. */
  readonly transportContext: Context;
  readonly #setup: TelemetrySetup;
  readonly #instruments: Instruments | undefined;
  readonly #active: { value: number } | undefined;
  readonly #target: MessageTarget;
  readonly #span: Span | undefined;
  readonly #spanContext: Context;
  readonly #url: string;
  readonly #startTime: number = now();
  #status: number | undefined;
  #answered: Moment | undefined;
  #cut: Moment | undefined;

  /**
   * @param parent - the context that the span belongs to
   * @param sentBefore - how many messages the request has sent before
   */
  constructor(setup: TelemetrySetup, parent: Context, message: OutgoingMessage, sentBefore: number) {
    const { attempt, method, url, headers } = message;
    this.attempt = attempt;
    this.#setup = setup;
    this.#url = url;
    this.#instruments = setup.instruments;
    this.#target = messageTarget(method, url, setup.knownMethods, setup.templateOf(attempt));
    this.#span = setup.tracer?.startSpan(
      this.#target.name,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          ...this.#target.span,
          ...(sentBefore > 0 && { [HTTP_REQUEST_RESEND_COUNT]: sentBefore }),
          ...(attempt && { [ATTEMPT]: attempt.number }),
          ...((attempt as GateAttempt | undefined)?.hedge && { [HEDGE]: true }),
        },
      },
      parent,
    );
    const sending = sendingContext(parent, attempt?.requestId);
    this.#spanContext = this.#span ? trace.setSpan(sending, this.#span) : sending;
    this.transportContext = setup.suppressesTransport ? suppressTracing(this.#spanContext) : this.#spanContext;
    this.#active = this.#instruments?.activeRequests.begin(this.#target);
    this.#recordHeaders(setup.options.requestHeaders, headers, requestHeader);
  }

  /** Adds the headers of the trace context to a carrier, if this URL is to get them. */
  inject<Carrier>(carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    runAndReportErrors(() => {
      if (propagation.fields().length === 0 || !this.#setup.propagatesTo(this.#url)) return;
      propagation.inject(this.#spanContext, carrier, setter);
    });
  }

  /** The headers of the response came. */
  answer(response: unknown, status: number, headers: HeaderReader): void {
    if (this.hasEnded) return;
    this.response = response;
    this.#status = status;
    this.#answered = { time: now(), date: wallClock() };
    this.#span?.setAttribute(HTTP_RESPONSE_STATUS_CODE, status);
    this.#recordHeaders(this.#setup.options.responseHeaders, headers, responseHeader);
  }

  get isAnswered(): boolean {
    return this.#answered !== undefined;
  }

  get isCut(): boolean {
    return this.#cut !== undefined;
  }

  /** It was unsubscribed. What that means, an event of the attempt says. */
  cut(): void {
    if (this.hasEnded || this.#answered) return;
    this.#cut ??= { time: now(), date: wallClock() };
  }

  /** It failed without a response. */
  fail(error: unknown): void {
    this.end({ errorType: errorTypeOf(error), error });
  }

  /**
   * Ends it, because another sending decided the attempt.
   *
   * @param winner - whose response was accepted or is final, if one was
   */
  endBeside(winner: SendTelemetry | undefined): void {
    const wonAt = winner && winner.#answered?.time;
    if (this.#answered) {
      this.end({ unread: true });
    } else if (this.#cut && wonAt !== undefined && this.#cut.time < wonAt) {
      // A hedge that is cut before another wins has reached its time limit.
      this.end({ errorType: 'HttpTimeoutError' });
    } else {
      this.end(winner ? { lost: true } : { cancelled: true });
    }
  }

  /** Ends it, once. An error, such as that of a span processor, is reported, and disturbs no request. */
  end(end: SendEnd): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    runAndReportErrors(() => {
      this.#record(end);
    });
  }

  #record({ errorType, error, unread = false, lost = false, cancelled = false }: SendEnd): void {
    const type = errorType ?? (this.#status === undefined ? undefined : errorTypeOfStatus(this.#status));
    const end = this.#cut ?? (unread ? this.#answered : undefined);
    this.#measure(type, end?.time ?? now());
    const span = this.#span;
    if (!span) return;
    if (type !== undefined) {
      span.setAttribute(ERROR_TYPE, type);
      const message = type === String(this.#status) ? undefined : safeMessageOf(error);
      span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
    }
    if (lost) span.setAttribute(LOST, true);
    if (cancelled) span.setAttribute(CANCELLED, true);
    // The SDK's own clock is finer than a date, which is of use only for what is past.
    const isPast = end !== undefined && now() - end.time >= 2;
    if (isPast) span.end(end.date);
    else span.end();
  }

  #measure(errorType: ErrorType | undefined, endTime: number): void {
    const instruments = this.#instruments;
    if (!instruments) return;
    const { metric } = this.#target;
    if (this.#active) this.#active.value -= 1;
    instruments.duration.record(
      (endTime - this.#startTime) / 1_000,
      {
        ...metric,
        ...(this.#status !== undefined && { [HTTP_RESPONSE_STATUS_CODE]: this.#status }),
        ...(errorType !== undefined && { [ERROR_TYPE]: errorType }),
      },
      // An exemplar links the measurement to the span.
      this.#spanContext,
    );
  }

  #recordHeaders(
    names: readonly string[] | undefined,
    headers: HeaderReader,
    attribute: (name: string) => string,
  ): void {
    if (!names || !this.#span?.isRecording()) return;
    const span = this.#span;
    // The headers of a foreign response can throw.
    runAndReportErrors(() => {
      for (const name of names) {
        const values = headerValues(headers, name);
        if (values) span.setAttribute(attribute(name), values);
      }
    });
  }
}
