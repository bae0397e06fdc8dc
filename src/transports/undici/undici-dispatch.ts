import type { Dispatcher } from 'undici';

import { toPlatformBody } from '../../http/foreign-body.js';
import { headerList, takeFraming } from '../framing.js';
import { abortReason, invalidArgument } from '../invalid-argument.js';
import { toOutgoingBody } from '../outgoing-body.js';
import { OutgoingStream } from '../outgoing-stream.js';
import { checkRedirect, isRedirect } from '../redirect.js';
import { type TransportCall as ClientCall, abortableCallOf, activityListenerOf } from '../transport-call.js';
import { createDecoderChain } from './decoder-chain.js';
import type { FlowControl, ByteSink } from './flow-control.js';
import { type BodyOwner, IncomingBody } from './incoming-body.js';
import { toBodyError, toRequestError } from './request-error.js';
import { requestHeaders } from './request-headers.js';
import { isBodiless, methodOf } from './request-method.js';
import { splitUrl } from './request-url.js';
import { type RawHeaders, UndiciResponse } from './undici-response.js';

/** Goes on from an answer that leads elsewhere. */
export type FollowRedirect = (url: string, init: RequestInit, first: UndiciResponse) => Promise<UndiciResponse>;

type Controller = Dispatcher.DispatchController;
type DispatchBody = NonNullable<Dispatcher.DispatchOptions['body']> | null;

/** What is dispatched; dispatchers hand it on as it is. */
export interface DispatchOptions extends Dispatcher.DispatchOptions {
  readonly call: UndiciDispatch;
}

/**
 * One request on its way through undici: it hears of the answer, of the body, and of the signal. One object is all of this, since each
 * would be made for each request.
 */
export class UndiciDispatch implements Dispatcher.DispatchHandler, BodyOwner, EventListenerObject, FlowControl {
  readonly #to: string;
  readonly #init: RequestInit;
  readonly #follow: FollowRedirect | undefined;
  readonly #resolve: (response: UndiciResponse | Promise<UndiciResponse>) => void;
  readonly #reject: (error: unknown) => void;
  /** The client's call, where this is one: it tells of an abort without a signal. */
  #call: ClientCall | undefined;
  #signal: AbortSignal | null | undefined;
  #url = '';
  #method = '';
  #upload: OutgoingStream | undefined;
  #controller: Controller | undefined;
  /** Where it is sent, if that reports its end: to whom it is to be reported. */
  connection: { receiving: UndiciDispatch | undefined } | undefined;
  #ended = false;
  /** How many bytes of the announced length have not come; NaN where that is none. */
  #missing = 0;
  #aborted = false;
  #body: IncomingBody | undefined;
  /** Where the body's bytes go to as they come: to the body, or first to what undoes their coding. */
  #sink: ByteSink | undefined;

  /** @param follow - absent where another request has led here already */
  constructor(
    to: string,
    init: RequestInit,
    follow: FollowRedirect | undefined,
    resolve: (response: UndiciResponse | Promise<UndiciResponse>) => void,
    reject: (error: unknown) => void,
  ) {
    this.#to = to;
    this.#init = init;
    this.#follow = follow;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** @throws TypeError for what cannot be sent */
  start(dispatcher: Dispatcher): void {
    const call = (this.#call = abortableCallOf(this.#init));
    const signal = (this.#signal = call ? undefined : this.#init.signal);
    if (this.#init.integrity) throw invalidArgument('undiciFetch() does not check integrity');
    checkRedirect(this.#init);
    this.#method = methodOf(this.#init);
    const own = toPlatformBody(this.#init.body);
    // What waited for something before it called this may have been given up meanwhile, and nobody would tell.
    if (signal?.aborted || call?.aborted) {
      this.#aborted = true;
      this.#reject(abortReason(signal ?? this.#init.signal));
      return;
    }
    if (call) call.listener = this;
    else signal?.addEventListener('abort', this);
    if (own) {
      own.then(
        (body) => {
          if (!this.#aborted) this.#dispatch(dispatcher, body);
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
      const { origin, path, url } = splitUrl(this.#to);
      this.#url = url;
      const list = headerList(this.#init.headers);
      const length = takeFraming(list);
      const sent =
        body === undefined || body === null ? undefined : toOutgoingBody(body, length, activityListenerOf(this.#init));
      if (sent?.content instanceof OutgoingStream) this.#upload = sent.content;
      const headers = requestHeaders(list, sent);
      try {
        // Undici takes async iterables, too, and says so in words alone.
        const request: DispatchOptions = {
          origin,
          path,
          method: this.#method,
          headers,
          body: (sent?.content ?? null) as DispatchBody,
          call: this,
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
    if (this.#aborted) this.#cut(controller);
  }

  onResponseStart(_: Controller, status: number, headers: RawHeaders, statusText = ''): void {
    // An interim response: the answer is still to come.
    if (status < 200) return;
    if (this.connection) this.connection.receiving = this;
    if (!isBodiless(this.#method, status)) {
      this.#missing = Number(headers['content-length'] ?? 0);
      this.#receive(headers['content-encoding']);
    }
    const response = new UndiciResponse(status, statusText, this.#url, headers, this.#body);
    const { redirect } = this.#init;
    const isFollowed =
      isRedirect(status) && redirect !== 'manual' && (redirect === 'error' || headers.location !== undefined);
    this.#resolve(isFollowed && this.#follow ? this.#follow(this.#to, this.#init, response) : response);
  }

  onResponseData(_: Controller, chunk: Buffer): void {
    this.#missing -= chunk.byteLength;
    this.#sink?.push(chunk);
  }

  onResponseEnd(): void {
    // Undici looks at the length of an answer over HTTP/1.1 alone, before its last versions.
    if (this.#sink && this.#missing > 0) {
      this.#sink.fail(toBodyError(new Error(`the body ended ${String(this.#missing)} bytes before its length`)));
    } else if (this.#sink) this.#sink.end();
    else this.finish();
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#fail(error);
  }

  // ——— How the answer is received.

  /** The connection has ended: what has not been read of it must be taken now, or it counts as lost. It is no more than one buffer. */
  onConnectionEnd(): void {
    this.#ended = true;
    this.resume();
  }

  pause(): void {
    if (!this.#ended) this.#controller?.pause();
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
    this.#aborted = true;
    this.finish();
    this.#reject(reason);
    this.#body?.cut(reason);
    if (this.#controller) this.#cut(this.#controller);
  }

  /** Nothing more can come: nothing may be left behind. */
  finish(): void {
    if (this.connection?.receiving === this) this.connection.receiving = undefined;
    if (this.#call) this.#call.listener = undefined;
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
      failure ? failure.error : toRequestError(error, this.#controller !== undefined, this.#follow === undefined),
    );
  }

  /** Undici knows no way to take back a request that waits for a connection: then this is called once there is one. */
  #cut(controller: Controller): void {
    controller.abort(new DOMException('The request was aborted', 'AbortError'));
  }

  #receive(codings: string | string[] | undefined): void {
    if (codings === undefined) {
      this.#sink = this.#body = new IncomingBody(this, this);
      return;
    }
    const { flow, into } = createDecoderChain(String(codings), this);
    this.#body = new IncomingBody(flow, this);
    this.#sink = into(this.#body);
  }
}
