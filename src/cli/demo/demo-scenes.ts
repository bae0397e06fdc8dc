import type { Observable } from 'rxjs';

import { hedging, type RetryClient } from '../../index.js';

/** Requests that run concurrently, and the story that they show. */
export interface Scene {
  readonly story: string;
  readonly requests: readonly SceneRequest[];
}

/** A request of the demo with its expected result. */
export interface SceneRequest {
  readonly label: string;
  send(client: RetryClient): Observable<Response>;
  readonly expected: { readonly attempts: number; readonly outcome: string; readonly body?: unknown };
}

/** Reads the whole body as a part of the attempt, so that an attempt whose body breaks off is retried. */
async function bufferResponse(response: Response): Promise<Response> {
  return new Response(await response.arrayBuffer(), response);
}

function get(path: string, expected: SceneRequest['expected'], totalTimeout?: number): SceneRequest {
  const limits = totalTimeout === undefined ? {} : { totalTimeout, strategy: { attempts: Infinity } };
  return {
    label: `GET ${path}`,
    send: (client) => client.get(path, { selector: bufferResponse, ...limits }),
    expected,
  };
}

function order(label: string, headers: Record<string, string>, expected: SceneRequest['expected']): SceneRequest {
  return {
    label,
    send: (client) => client.post('/orders', { tea: 2 }, { selector: bufferResponse, headers }),
    expected,
  };
}

// Far below the demo's timeout, so that the hedge wins before the first sending fails.
const HEDGE_AFTER_MS = 150;

function getHedged(path: string, expected: SceneRequest['expected']): SceneRequest {
  const strategy = { hedge: hedging({ after: HEDGE_AFTER_MS }) };
  return {
    label: `GET ${path}`,
    send: (client) => client.get(path, { selector: bufferResponse, strategy }),
    expected,
  };
}

/** The scenes of the demo in their order. */
export const DEMO_SCENES: readonly Scene[] = [
  {
    story:
      'Three requests at once. The primary is busy and asks for a wait of 2 s, cuts the connection within the body, or does not respond. The mirror takes over.',
    requests: [
      get('/report', { attempts: 2, outcome: '200', body: { from: 'mirror', pages: 12 } }),
      get('/prices', { attempts: 2, outcome: '200', body: { from: 'mirror', prices: [19, 23] } }),
      get('/weather', { attempts: 2, outcome: '200', body: { from: 'mirror', sky: 'clear' } }),
    ],
  },
  {
    story:
      'An order. The primary accepts it, then the connection breaks. With its Idempotency-Key it is safe to send again: it stays one order.',
    requests: [
      order(
        'POST /orders',
        { 'idempotency-key': 'order-7d3f' },
        { attempts: 2, outcome: '200', body: { from: 'mirror', order: 1 } },
      ),
    ],
  },
  {
    story: 'The same order without a key. It may have arrived, so it is not sent again.',
    requests: [order('POST /orders, no key', {}, { attempts: 1, outcome: 'connection cut' })],
  },
  {
    story: 'Both servers are busy. The primary asks for a wait of 1 s. After it, the primary has recovered.',
    requests: [get('/status', { attempts: 3, outcome: '200', body: { from: 'primary', status: 'recovered' } })],
  },
  {
    story: `The primary does not respond. After ${HEDGE_AFTER_MS} ms the same attempt is sent to the mirror, too, and the first response wins.`,
    requests: [getHedged('/search', { attempts: 1, outcome: '200', body: { from: 'mirror', hits: 3 } })],
  },
  {
    story:
      'Both servers stay busy, with a total timeout of 1.5 s. The client gives up as soon as another wait would exceed it.',
    requests: [get('/archive', { attempts: 4, outcome: '503' }, 1500)],
  },
];
