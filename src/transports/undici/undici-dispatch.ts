import type { Dispatcher } from 'undici';

import { toPlatformBody } from '../../http/foreign-body.js';
import { abortReason } from '../abort-reason.js';
import { toHeaderList, takeContentLength } from '../header-list.js';
import { invalidArgument } from '../invalid-argument.js';
import { toOutgoingBody } from '../outgoing-body.js';
import { OutgoingStream } from '../outgoing-stream.js';
import { checkRedirect, isRedirect } from '../redirect.js';
import { abortableCallOf, activityListenerOf, type TransportCall } from '../transport-call.js';
import { createDecoderChain } from './decoder-chain.js';
import type { FlowControl, ByteSink } from './flow-control.js';
import { type BodyOwner, IncomingBody } from './incoming-body.js';
import { toBodyError, toRequestError } from './request-error.js';
import { toRequestHeaders } from './request-headers.js';
import { isBodiless, methodOf } from './request-method.js';
import { splitUrl } from './request-url.js';
import { type RawHeaders, UndiciResponse } from './undici-response.js';

/** Goes on from an answer that leads elsewhere. */
export type FollowRedirect = (url: string, init: RequestInit, first: UndiciResponse) => Promise<UndiciResponse>;

type Controller = Dispatcher.DispatchController;
type DispatchBody = NonNullable<Dispatcher.DispatchOptions['body']> | null;

/** What is dispatched; dispatchers hand it on as it is. */
export interface DispatchOptions extends Dispatcher.DispatchOptions {
  readonly undiciDispatch: UndiciDispatch;
}

/**
 * One request on its way through undici: it hears of the answer, of the body, and of the signal. One object is all of this, since each
 * would be made for each request.
 */
export class UndiciDispatch implements Dispatcher.DispatchHandler, BodyOwner, EventListenerObject, FlowControl {
  readonly #requestedUrl: string;
  readonly #init: RequestInit;
  readonly #followRedirect: FollowRedirect | undefined;
  readonly #resolve: (response: UndiciResponse | Promise<UndiciResponse>) => void;
  readonly #reject: (error: unknown) => void;
  /** The client's call, where this is one: it tells of an abort without a signal. */
  #transportCall: TransportCall | undefined;
  #signal: AbortSignal | null | undefined;
  #responseUrl = '';
  #method = '';
  #upload: OutgoingStream | undefined;
  #controller: Controller | undefined;
  /** Where it is sent, if that reports its end: to whom it is to be reported. */
  connection: { activeDispatch: UndiciDispatch | undefined } | undefined;
  #isConnectionEnded = false;
  /** How many bytes of the announced length have not come; NaN where that is none. */
  #missingBytes = 0;
  #isAborted = false;
  #body: IncomingBody | undefined;
  /** Where the body's bytes go to as they come: to the body, or first to what undoes their coding. */
  #sink: ByteSink | undefined;

  /** @param followRedirect - absent where another request has led here already */
  constructor(
    requestedUrl: string,
    init: RequestInit,
    followRedirect: FollowRedirect | undefined,
    resolve: (response: UndiciResponse | Promise<UndiciResponse>) => void,
    reject: (error: unknown) => void,
  ) {
    this.#requestedUrl = requestedUrl;
    this.#init = init;
    this.#followRedirect = followRedirect;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** @throws TypeError for what cannot be sent */
  start(dispatcher: Dispatcher): void {
    const transportCall = (this.#transportCall = abortableCallOf(this.#init));
    const signal = (this.#signal = transportCall ? undefined : this.#init.signal);
    if (this.#init.integrity) throw invalidArgument('undiciFetch() does not check integrity');
    checkRedirect(this.#init);
    this.#method = methodOf(this.#init);
    const platformBody = toPlatformBody(this.#init.body);
    // What waited for something before it called this may have been given up meanwhile, and nobody would tell.
    if (signal?.aborted || transportCall?.aborted) {
      this.#isAborted = true;
      this.#reject(abortReason(signal ?? this.#init.signal));
      return;
    }
    if (transportCall) transportCall.abortListener = this;
    else signal?.addEventListener('abort', this);
    if (platformBody) {
      platformBody.then(
        (body) => {
          if (!this.#isAborted) this.#dispatch(dispatcher, body);
        },
        (error: unknown) => {
          this.finish();
          this.#reject(error);
        },
      );
    } else {
      this.#dispatch(dispatcher, this.#init.body);
    }
  }

  #dispatch(dispatcher: Dispatcher, body: RequestInit['body']): void {
    try {
      const { origin, path, url } = splitUrl(this.#requestedUrl);
      this.#responseUrl = url;
      const headerList = toHeaderList(this.#init.headers);
      const declaredLength = takeContentLength(headerList);
      const outgoing =
        body === undefined || body === null
          ? undefined
          : toOutgoingBody(body, declaredLength, activityListenerOf(this.#init));
      if (outgoing?.content instanceof OutgoingStream) this.#upload = outgoing.content;
      const headers = toRequestHeaders(headerList, outgoing);
      try {
        // Undici takes async iterables, too, and says so in words alone.
        const request: DispatchOptions = {
          origin,
          path,
          method: this.#method,
          headers,
          body: (outgoing?.content ?? null) as DispatchBody,
          undiciDispatch: this,
        };
        dispatcher.dispatch(request, this);
      } catch (error) {
        this.#fail(error);
      }
    } catch (error) {
      this.finish();
      this.#reject(error);
    }
  }

  // ——— What undici tells.

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#isAborted) this.#abortRequest(controller);
  }

  onResponseStart(_: Controller, status: number, headers: RawHeaders, statusText = ''): void {
    // An interim response: the answer is still to come.
    if (status < 200) return;
    if (this.connection) this.connection.activeDispatch = this;
    if (!isBodiless(this.#method, status)) {
      this.#missingBytes = Number(headers['content-length'] ?? 0);
      this.#openBody(headers['content-encoding']);
    }
    const response = new UndiciResponse(status, statusText, this.#responseUrl, headers, this.#body);
    const { redirect } = this.#init;
    const isFollowed =
      isRedirect(status) && redirect !== 'manual' && (redirect === 'error' || headers.location !== undefined);
    this.#resolve(
      isFollowed && this.#followRedirect ? this.#followRedirect(this.#requestedUrl, this.#init, response) : response,
    );
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.#missingBytes -= chunk.byteLength;
    this.#sink?.push(chunk);
  }

  onResponseEnd(): void {
    // Undici looks at the length of an answer over HTTP/1.1 alone, before its last versions.
    if (this.#sink && this.#missingBytes > 0) {
      this.#sink.fail(toBodyError(new Error(`the body ended ${String(this.#missingBytes)} bytes before its length`)));
    } else if (this.#sink) this.#sink.end();
    else this.finish();
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#fail(error);
  }

  // ——— How the answer is received.

  /** The connection has ended: what has not been read of it must be taken now, or it counts as lost. It is no more than one buffer. */
  onConnectionEnd(): void {
    this.#isConnectionEnded = true;
    this.resume();
  }

  pause(): void {
    if (!this.#isConnectionEnded) this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(reason: Error): void {
    this.#controller?.abort(reason);
  }

  // ——— What the signal tells.

  handleEvent(): void {
    const reason = abortReason(this.#signal ?? this.#init.signal);
    this.#isAborted = true;
    this.finish();
    this.#reject(reason);
    this.#body?.discard(reason);
    if (this.#controller) this.#abortRequest(this.#controller);
  }

  /** Nothing more can come: nothing may be left behind. */
  finish(): void {
    if (this.connection?.activeDispatch === this) this.connection.activeDispatch = undefined;
    if (this.#transportCall) this.#transportCall.abortListener = undefined;
    else this.#signal?.removeEventListener('abort', this);
    this.#upload?.cancel();
  }

  #fail(error: unknown): void {
    if (this.#sink) {
      this.#sink.fail(toBodyError(error));
      return;
    }
    const failure = this.#upload?.failure;
    this.finish();
    this.#reject(
      failure
        ? failure.error
        : toRequestError(error, this.#controller !== undefined, this.#followRedirect === undefined),
    );
  }

  /** Undici knows no way to take back a request that waits for a connection: then this is called once there is one. */
  #abortRequest(controller: Controller): void {
    controller.abort(new DOMException('The request was aborted', 'AbortError'));
  }

  #openBody(codings: string | string[] | undefined): void {
    if (codings === undefined) {
      this.#sink = this.#body = new IncomingBody(this, this);
      return;
    }
    const { flow, setOutput } = createDecoderChain(String(codings), this);
    this.#body = new IncomingBody(flow, this);
    this.#sink = setOutput(this.#body);
  }
}
