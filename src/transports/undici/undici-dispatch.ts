import type { Dispatcher } from 'undici';

import { toPlatformBody } from '../../http/foreign-body.js';
import { isBodiless } from '../../http/status.js';
import { abortReason } from '../abort-reason.js';
import { toHeaderList, takeContentLength } from '../header-list.js';
import { invalidArgument } from '../invalid-argument.js';
import { toOutgoingBody } from '../outgoing-body.js';
import { OutgoingStream } from '../outgoing-stream.js';
import type { RawHeaders } from '../raw-headers.js';
import { checkRedirect, isRedirect } from '../redirect.js';
import { abortableCallOf, activityListenerOf, type TransportCall } from '../transport-call.js';
import { createDecoderChain } from './decoder-chain.js';
import type { FlowControl, ByteSink } from './flow-control.js';
import { type BodyOwner, IncomingBody } from './incoming-body.js';
import { toBodyError, toRequestError } from './request-error.js';
import { toRequestHeaders } from './request-headers.js';
import { methodOf } from './request-method.js';
import { splitUrl } from './request-url.js';
import { UndiciResponse } from './undici-response.js';

/** Follows the redirect of a first response. */
export type FollowRedirect = (url: string, init: RequestInit, first: UndiciResponse) => Promise<UndiciResponse>;

type Controller = Dispatcher.DispatchController;
type DispatchBody = NonNullable<Dispatcher.DispatchOptions['body']> | null;

/** The options of a dispatch. Dispatchers pass properties that they do not know unchanged. */
export interface DispatchOptions extends Dispatcher.DispatchOptions {
  readonly undiciDispatch: UndiciDispatch;
}

/**
 * One request through undici: the handler of its response, the owner and flow of its body, and the listener of its
 * signal. One object has all these roles, since separate objects would be allocated for each request.
 *
 * `undiciFetch()` creates one for each request and starts it. It is pending until the response starts; then it has
 * settled its promise, and the body is open until it ends. These are its exits, each through `finish()` once
 * listeners were added:
 * - the request fails or is aborted before the response: the promise rejects
 * - the response has no body, or its body ends
 * - the body fails, is aborted or is discarded: its reader gets the error
 */
export class UndiciDispatch implements Dispatcher.DispatchHandler, BodyOwner, EventListenerObject, FlowControl {
  readonly #requestedUrl: string;
  readonly #init: RequestInit;
  readonly #followRedirect: FollowRedirect | undefined;
  readonly #resolve: (response: UndiciResponse | Promise<UndiciResponse>) => void;
  readonly #reject: (error: unknown) => void;
  /** The client's call, if there is one: it reports an abort without a signal. */
  #transportCall: TransportCall | undefined;
  #signal: AbortSignal | null | undefined;
  #responseUrl = '';
  #method = '';
  #upload: OutgoingStream | undefined;
  #controller: Controller | undefined;
  /** The connection it is sent over, if that reports its end. */
  connection: { activeDispatch: UndiciDispatch | undefined } | undefined;
  #isConnectionEnded = false;
  /** How many bytes of the announced length have not arrived; NaN if that is not a number. */
  #missingBytes = 0;
  #isAborted = false;
  #body: IncomingBody | undefined;
  /** Receives the arriving bytes: the body, or the first of its decoders. */
  #sink: ByteSink | undefined;

  /** @param followRedirect - absent for a request that follows a redirect */
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

  /**
   * Sends the request, unless it is aborted already.
   *
   * @throws TypeError for an option that is not supported
   */
  start(dispatcher: Dispatcher): void {
    const transportCall = (this.#transportCall = abortableCallOf(this.#init));
    const signal = (this.#signal = transportCall ? undefined : this.#init.signal);
    if (this.#init.integrity) throw invalidArgument('undiciFetch() does not check integrity');
    checkRedirect(this.#init);
    this.#method = methodOf(this.#init);
    const platformBody = toPlatformBody(this.#init.body);
    // A caller may have waited before this call. An abort in between fires no event here.
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
        // Undici also accepts async iterables; its documentation says so, its types do not.
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

  // --- Undici's events

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#isAborted) this.#abortRequest(controller);
  }

  onResponseStart(_: Controller, status: number, headers: RawHeaders, statusText = ''): void {
    // An interim response: the final one follows.
    if (status < 200) return;
    if (this.connection) this.connection.activeDispatch = this;
    if (this.#method !== 'HEAD' && !isBodiless(status)) {
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
    // Older versions of undici check the length of a response only over HTTP/1.1.
    if (this.#sink && this.#missingBytes > 0) {
      this.#sink.fail(
        toBodyError(new Error(`the body ended ${String(this.#missingBytes)} bytes before its content-length`)),
      );
    } else if (this.#sink) this.#sink.end();
    else this.finish();
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#fail(error);
  }

  // --- Flow control of the body

  /**
   * Called when the connection has ended. Bytes not yet read from it must be read now, or undici drops them. They fill
   * at most one buffer.
   */
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

  // --- The signal's event

  handleEvent(): void {
    const reason = abortReason(this.#signal ?? this.#init.signal);
    this.#isAborted = true;
    this.finish();
    this.#reject(reason);
    this.#body?.discard(reason);
    if (this.#controller) this.#abortRequest(this.#controller);
  }

  /** Removes all listeners and cancels the upload: no more events follow. */
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

  /**
   * Aborts the request. Undici cannot cancel a request that waits for a connection; that one is aborted as soon as it
   * starts.
   */
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
