import type { Har, HarEntry, HarHold, HarPage } from '../../src/har/har.js';
import type { FailureReason } from '../../src/index.js';

/** A sending: its start after that of the request, and how long gates held it, until headers, and the body, in ms. */
export interface Sending {
  readonly number?: number;
  readonly at: number;
  readonly blocked?: number;
  readonly wait: number;
  readonly receive?: number;
  readonly status?: number;
  readonly url?: string;
  readonly outcome?: 'success' | 'retry' | 'failure' | 'cancel' | 'superseded';
  readonly hedge?: number;
  readonly reason?: FailureReason;
  readonly retry?: { readonly reason: string; readonly delay: number };
  readonly error?: string;
}

/** A request of a HAR file. Times are in ms. */
export interface SampleRequest {
  readonly at: number;
  readonly method?: string;
  readonly url: string;
  readonly client?: string;
  readonly outcome?: 'success' | 'failure' | 'cancel';
  readonly reason?: FailureReason;
  readonly total?: number;
  readonly rejected?: { readonly gate?: string; readonly error: string };
  readonly holds?: readonly HarHold[];
  readonly sendings: readonly Sending[];
}

export const START = Date.UTC(2026, 4, 4, 9, 30, 0);

/** Builds a HAR file by hand, as a recorder writes it. */
export function harOf(requests: readonly SampleRequest[]): Har {
  const iso = (at: number): string => new Date(START + at).toISOString();
  const pages = requests.map(
    ({ at, method = 'GET', url, client, outcome, reason, total, rejected, holds }, index): HarPage => ({
      startedDateTime: iso(at),
      id: `page_${index + 1}`,
      title: `${method} ${url}`,
      pageTimings: { onContentLoad: -1, onLoad: total ?? -1 },
      _requestId: `r${index + 1}`,
      ...(client !== undefined && { _client: client }),
      ...(outcome && { _outcome: outcome }),
      ...(reason && { _reason: reason }),
      ...(total !== undefined && { _total: total }),
      ...(rejected && { _rejected: rejected }),
      ...(holds && { _holds: holds }),
    }),
  );
  const entries = requests.flatMap(({ at, method = 'GET', url, sendings }, index) =>
    sendings.map((sending, place): HarEntry => {
      const { number = place + 1, blocked = 0, wait, receive = 0, status = 0 } = sending;
      return {
        pageref: `page_${index + 1}`,
        startedDateTime: iso(at + sending.at),
        time: blocked + wait + receive,
        request: {
          method,
          url: sending.url ?? url,
          httpVersion: '',
          cookies: [],
          headers: [{ name: 'x-secret', value: 'not for the page' }],
          queryString: [],
          headersSize: -1,
          bodySize: 0,
        },
        response: {
          status,
          statusText: '',
          httpVersion: '',
          cookies: [],
          headers: [],
          content: { size: 0, mimeType: 'text/plain', text: 'not for the page' },
          redirectURL: '',
          headersSize: -1,
          bodySize: 0,
        },
        cache: {},
        timings: { blocked, send: 0, wait, receive },
        _resourceType: 'fetch',
        _attempt: {
          number,
          of: 3,
          requestId: `r${index + 1}`,
          ...(sending.outcome && { outcome: sending.outcome }),
          ...(sending.reason && { reason: sending.reason }),
          ...(sending.hedge !== undefined && { hedge: sending.hedge }),
        },
        ...(sending.retry && { _retry: sending.retry }),
        ...(sending.error !== undefined && { _error: sending.error }),
      };
    }),
  );
  return { log: { version: '1.2', creator: { name: 'rxjs-retry-client', version: '0.2.0' }, pages, entries } };
}

/** Requests with everything that can happen to them. */
export const SAMPLE: readonly SampleRequest[] = [
  {
    at: 0,
    url: 'https://api.example.com/users/1',
    client: 'billing',
    outcome: 'success',
    total: 190,
    sendings: [{ at: 0, wait: 150, receive: 40, status: 200, outcome: 'success' }],
  },
  {
    at: 60,
    url: 'https://api.example.com/orders?status=open&page=2',
    client: 'billing',
    outcome: 'success',
    total: 1_480,
    sendings: [
      { at: 0, wait: 210, status: 503, outcome: 'retry', retry: { reason: '503', delay: 240 } },
      { at: 450, wait: 180, status: 503, outcome: 'retry', retry: { reason: '503', delay: 460 } },
      { at: 1_090, wait: 190, receive: 200, status: 200, outcome: 'success' },
    ],
  },
  {
    at: 200,
    method: 'PUT',
    url: 'https://api.example.com/users/7/address',
    outcome: 'failure',
    reason: 'attempts',
    total: 2_330,
    sendings: [
      { at: 0, wait: 220, status: 503, outcome: 'retry', retry: { reason: '503', delay: 250 } },
      { at: 470, wait: 160, status: 503, outcome: 'retry', retry: { reason: '503', delay: 500 } },
      {
        at: 1_130,
        wait: 1_200,
        outcome: 'failure',
        reason: 'attempts',
        error: 'HttpTimeoutError: no data received for 1200 ms (timeout)',
      },
    ],
  },
  {
    at: 320,
    url: 'https://eu.example.com/prices/tea',
    outcome: 'success',
    total: 700,
    sendings: [
      { at: 0, number: 1, wait: 580, outcome: 'superseded' },
      {
        at: 300,
        number: 1,
        hedge: 1,
        wait: 280,
        receive: 120,
        status: 200,
        outcome: 'success',
        url: 'https://us.example.com/prices/tea',
      },
    ],
  },
  {
    at: 500,
    method: 'POST',
    url: 'https://api.example.com/reports',
    outcome: 'success',
    total: 1_250,
    holds: [{ gate: 'rate-limit', attempt: 1, start: 0, duration: 620 }],
    sendings: [{ at: 0, blocked: 620, wait: 360, receive: 270, status: 201, outcome: 'success' }],
  },
  {
    at: 760,
    url: 'https://api.example.com/search?q=%E7%85%8E%E8%8C%B6&sort=price&direction=ascending',
    outcome: 'cancel',
    total: 640,
    sendings: [{ at: 0, wait: 640, outcome: 'cancel' }],
  },
  {
    at: 1_150,
    url: 'https://legacy.example.com/stock',
    outcome: 'failure',
    reason: 'rejected',
    total: 760,
    rejected: { gate: 'circuit-breaker', error: 'the circuit is open' },
    sendings: [
      {
        at: 0,
        wait: 330,
        outcome: 'retry',
        retry: { reason: 'HttpNetworkError', delay: 430 },
        error: 'HttpNetworkError: connection refused',
      },
    ],
  },
  {
    at: 1_400,
    method: 'DELETE',
    url: 'https://api.example.com/sessions/current',
    outcome: 'failure',
    reason: 'permanent',
    total: 130,
    sendings: [{ at: 0, wait: 130, status: 404, outcome: 'failure', reason: 'permanent' }],
  },
  {
    at: 1_700,
    url: 'https://api.example.com/events',
    sendings: [
      { at: 0, wait: 140, status: 502, outcome: 'retry', retry: { reason: '502', delay: 300 } },
      { at: 440, wait: 0 },
    ],
  },
];
