import { isPlatformServer, PlatformLocation } from '@angular/common';
import { HTTP_TRANSFER_CACHE_ORIGIN_MAP } from '@angular/common/http';
import { inject, makeStateKey, PLATFORM_ID, type StateKey, TransferState } from '@angular/core';
import { from, map, type Observable, type ObservableInput, of, tap } from 'rxjs';

import { HttpValidationError } from '../errors/http-validation-error.js';
import { bufferedResponse } from '../http/buffered-response.js';
import { decodeUtf8 } from '../http/direct-response.js';
import { mergeHeaders } from '../http/headers.js';
import { bodyResponse, type ResponseHead, ResponseView } from '../http/response-view.js';
import { isBodiless } from '../http/status.js';
import { originOf, splitCredentials, tryParseUrl } from '../http/url.js';
import type { HttpAttempt } from '../retry/attempt.js';
import type { ResumableSelector, Selector } from '../selectors/selector.js';
import { type TextFormat, textFormatOf } from '../selectors/whole-text.js';
import type { AttemptRequest, Interceptor } from '../transports/interceptor.js';
import type { SchemaResult } from '../util/standard-schema.js';
import { HYDRATION, type Hydration } from './hydration.js';

/** What is kept of a response: its status, its content type, and the text of its body. */
type KeptResponse = readonly [status: number, contentType: string | null, text: string];

/** The transfer of one attempt's response. */
interface Transfer {
  readonly key: StateKey<KeptResponse>;
  /** The URL that the client sends to, before interceptors. */
  readonly url: string;
  isSent: boolean;
  /** On a server: the response, and what was read of its body. Absent if it must not be kept. */
  received?: Received | undefined;
  /** In a browser: what the server kept, and the response that was made of it. */
  taken?: { readonly kept: KeptResponse; readonly response: Response };
  /** Whether the interceptors passed that response on as it is. */
  isUnchanged?: boolean;
}

/** A response that is being recorded. */
interface Received {
  readonly head: ResponseHead;
  readonly chunks: Uint8Array[];
  hasEnded: boolean;
}

/** Headers that name the visitor. */
const CREDENTIALS = ['authorization', 'cookie', 'proxy-authorization'];

/** Whether a header's comma-separated list has one of these names. */
function lists(headers: Headers, header: string, names: readonly string[]): boolean {
  const items = (headers.get(header) ?? '').split(',').map((item) => item.split('=')[0]?.trim().toLowerCase() ?? '');
  return items.some((item) => names.includes(item));
}

/** Whether the response to a request may be kept: nobody asks for an own or a new one. */
function mayKeepResponseTo({ url, headers: requestHeaders, init }: AttemptRequest): boolean {
  // A user in the URL is sent as a header.
  const headers = splitCredentials(url, requestHeaders).headers ?? requestHeaders;
  return (
    !CREDENTIALS.some((name) => headers.has(name)) &&
    init.credentials !== 'include' &&
    !['no-store', 'no-cache', 'reload'].includes(init.cache ?? '') &&
    !lists(headers, 'cache-control', ['no-store', 'no-cache'])
  );
}

/** Whether a response may be kept in the page, which can be stored, and shown to others. */
function mayKeep({ ok, headers }: Response): boolean {
  return (
    ok &&
    !headers.has('set-cookie') &&
    !lists(headers, 'cache-control', ['no-store', 'no-cache', 'private']) &&
    !lists(headers, 'vary', ['*', 'cookie', 'authorization'])
  );
}

/** Returns a URL without its query. */
function resourceOf(url: string): string | undefined {
  const parsed = tryParseUrl(url);
  return parsed && parsed.origin + parsed.pathname;
}

/** Hashes text by FNV-1a, twice. */
function hash(text: string): string {
  const hashFrom = (seed: number): number => {
    let sum = seed;
    for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), 0x01000193);
    return sum >>> 0;
  };
  return hashFrom(0x811c9dc5).toString(36) + hashFrom(0x7ee3623b).toString(36);
}

/** Returns a response like the given one, whose body is recorded as it is read. */
function recordBody(response: Response, received: Received): Response {
  const recorder = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      received.chunks.push(chunk);
      controller.enqueue(chunk);
    },
    flush() {
      received.hasEnded = true;
    },
  });
  return new ResponseView(response, () => bodyResponse(response.body?.pipeThrough(recorder) ?? null, response.headers));
}

/** Makes the value of what the server kept; at once, unless the schema waits: the first rendering needs it. */
function valueOf([status, , text]: KeptResponse, format: TextFormat, attempt: HttpAttempt): ObservableInput<unknown> {
  if (format === 'text') return of(text);
  const data: unknown = status === 204 || status === 205 ? undefined : JSON.parse(text);
  if (!format.schema) return of(data);
  const accept = (result: SchemaResult<unknown>): unknown => {
    if (result.issues) throw new HttpValidationError({ attempt, issues: result.issues });
    return result.value;
  };
  const result = format.schema['~standard'].validate(data);
  return 'then' in result ? from(result.then(accept)) : of(accept(result));
}

/**
 * Transfers what the client's requests have fetched on a server to the browser, so that the browser does not ask for it
 * again. It keeps the text of bodies, which the browser parses and validates anew.
 *
 * A client has one, and its extensions share it.
 */
export class PageTransfer {
  readonly #isServer: boolean = isPlatformServer(inject(PLATFORM_ID));
  readonly #state: TransferState = inject(TransferState);
  readonly #hydration: Hydration = inject(HYDRATION);
  readonly #location: PlatformLocation = inject(PlatformLocation);
  readonly #originMap: Readonly<Record<string, string>> | null = this.#isServer
    ? inject(HTTP_TRANSFER_CACHE_ORIGIN_MAP, { optional: true })
    : null;
  readonly #transfers = new WeakMap<HttpAttempt, Transfer>();

  /** Whether responses are kept or taken now. */
  get isActive(): boolean {
    return this.#isServer || !this.#hydration.isOver;
  }

  /**
   * Wraps the selector of a GET so that its response is transferred; `undefined` for a selector that may read more than
   * the text of the body.
   *
   * @param headers - those of the request, unless it has others of these names
   */
  wrap<T>(
    selector: Selector<T> | undefined,
    headers: Readonly<Record<string, string>> = {},
  ): ResumableSelector<T> | undefined {
    const format = textFormatOf(selector);
    if (!format || typeof selector !== 'function') return undefined;
    return {
      open: () => {
        let key: StateKey<KeptResponse> | undefined;
        let selected: Transfer | undefined;
        return {
          prepare: (request) => {
            selected = undefined;
            const prepared = {
              ...request,
              headers: mergeHeaders(new Headers(headers), request.headers) ?? request.headers,
            };
            // The browser asks the first URL of a list first, whichever of them has answered on the server.
            key ??= this.#keyOf(prepared);
            this.#register(prepared, key);
            return prepared;
          },
          select: (response, attempt) => {
            const transfer = this.#transfers.get(attempt);
            if (transfer?.taken && transfer.isUnchanged) {
              return valueOf(transfer.taken.kept, format, attempt) as ObservableInput<T>;
            }
            return from(selector(response, attempt)).pipe(
              tap(() => {
                selected = transfer;
              }),
            );
          },
          // Only now is it certain that the value was not retried.
          close: () => {
            if (selected) this.#keep(selected);
          },
        };
      },
    };
  }

  /** The outermost interceptor, which sees the response that the others pass on. */
  readonly outermost: Interceptor = (request, next) => {
    const transfer = this.#transfers.get(request.attempt);
    if (!transfer || this.#isServer) return next(request);
    return next(request).pipe(
      tap((response) => {
        transfer.isUnchanged = response === transfer.taken?.response;
      }),
    );
  };

  /** The innermost interceptor, which sees requests as they are sent, and responses as they come. */
  readonly innermost: Interceptor = (request, next) => {
    const transfer = this.#transfers.get(request.attempt);
    // Interceptors may send other requests, such as one for a token, whose responses the page must not have.
    if (!transfer || request.method !== 'GET' || resourceOf(request.url) !== resourceOf(transfer.url)) {
      return next(request);
    }
    // Of several responses it is not known which one the selector reads.
    const isTransferable = !transfer.isSent && mayKeepResponseTo(request);
    transfer.isSent = true;
    transfer.received = undefined;
    if (!isTransferable) return next(request);
    return this.#isServer ? this.#receive(transfer, next(request)) : (this.#take(transfer, request) ?? next(request));
  };

  #register({ url, attempt }: AttemptRequest, key: StateKey<KeptResponse>): void {
    const { transferState } = attempt.context as { readonly transferState?: unknown };
    // A hedged attempt is prepared once more when it has won.
    if (transferState === false || this.#transfers.has(attempt)) return;
    this.#transfers.set(attempt, { key, url, isSent: false });
  }

  /** Header values are hashed: the page must not show a secret. */
  #keyOf({ url, headers }: AttemptRequest): StateKey<KeptResponse> {
    return makeStateKey(`rxjs-retry-client ${hash(JSON.stringify([...headers]))} ${this.#publicUrl(url)}`);
  }

  /** Returns a URL that is the same on the server and in the browser, even behind a proxy. */
  #publicUrl(url: string): string {
    const origin = originOf(url);
    const publicOrigin = this.#originMap?.[origin] ?? origin;
    return (publicOrigin === originOf(this.#location.href) ? '' : publicOrigin) + url.slice(origin.length);
  }

  /** Records the response. */
  #receive(transfer: Transfer, responses: Observable<Response>): Observable<Response> {
    return responses.pipe(
      map((response) => {
        if (!(response instanceof Response) || response.bodyUsed || !mayKeep(response)) return response;
        transfer.received = { head: response, chunks: [], hasEnded: isBodiless(response.status) };
        return recordBody(response, transfer.received);
      }),
    );
  }

  /** Answers with what the server kept, if it did. What was retried must come from the network. */
  #take(transfer: Transfer, { url, attempt }: AttemptRequest): Observable<Response> | undefined {
    const kept = this.isActive && attempt.number === 1 ? this.#state.get(transfer.key, null) : null;
    if (!kept) return undefined;
    const [status, contentType, text] = kept;
    const headers = new Headers(contentType === null ? {} : { 'content-type': contentType });
    const head: ResponseHead = { status, statusText: '', headers, url, redirected: false, type: 'default' };
    const response = bufferedResponse(head, [new TextEncoder().encode(text)]);
    transfer.taken = { kept, response };
    return of(response);
  }

  #keep({ key, received }: Transfer): void {
    if (!received?.hasEnded) return;
    const { head, chunks } = received;
    this.#state.set(key, [head.status, head.headers.get('content-type'), decodeUtf8(chunks)]);
  }
}
