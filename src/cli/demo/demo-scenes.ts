import type { Observable } from 'rxjs';

import type { RetryClient } from '../../index.js';

/** Requests that run at the same time, and what is to be seen in them. */
export interface Scene {
  readonly story: string;
  readonly requests: readonly SceneRequest[];
}

/** One request of the demo, and how it has to end. */
export interface SceneRequest {
  readonly label: string;
  send(client: RetryClient): Observable<Response>;
  readonly expected: { readonly attempts: number; readonly outcome: string; readonly body?: unknown };
}

/** Reads the whole body within the attempt, so that one that breaks off is tried again, and keeps the response around it. */
async function bufferResponse(response: Response): Promise<Response> {
  return new Response(await response.arrayBuffer(), response);
}

function get(path: string, expected: SceneRequest['expected'], totalTimeout?: number): SceneRequest {
  const limits = totalTimeout === undefined ? {} : { totalTimeout, strategy: { attempts: Infinity } };
  return { label: `GET ${path}`, send: (client) => client.get(path, { selector: bufferResponse, ...limits }), expected };
}

function order(label: string, headers: Record<string, string>, expected: SceneRequest['expected']): SceneRequest {
  return { label, send: (client) => client.post('/orders', { tea: 2 }, { selector: bufferResponse, headers }), expected };
}

/** What the demo shows, in this order. */
export const DEMO_SCENES: readonly Scene[] = [
  {
    story:
      'Three requests at once. The primary is busy and asks for 2 s of patience, cuts the connection in the body, or says nothing at all. The mirror takes over.',
    requests: [
      get('/report', { attempts: 2, outcome: '200', body: { from: 'mirror', pages: 12 } }),
      get('/prices', { attempts: 2, outcome: '200', body: { from: 'mirror', prices: [19, 23] } }),
      get('/weather', { attempts: 2, outcome: '200', body: { from: 'mirror', sky: 'clear' } }),
    ],
  },
  {
    story:
      'An order. The primary takes it, then the connection breaks. Its Idempotency-Key makes it safe to send again: it stays one order.',
    requests: [
      order(
        'POST /orders',
        { 'idempotency-key': 'order-7d3f' },
        { attempts: 2, outcome: '200', body: { from: 'mirror', order: 1 } },
      ),
    ],
  },
  {
    story: 'The same without a key. It may have arrived, so it is not sent twice.',
    requests: [order('POST /orders, no key', {}, { attempts: 1, outcome: 'connection cut' })],
  },
  {
    story: 'Both are down. The primary asks for 1 s: it gets that second, and has recovered.',
    requests: [get('/status', { attempts: 3, outcome: '200', body: { from: 'primary', status: 'recovered' } })],
  },
  {
    story:
      'Both stay down, and 1.5 s is all the time there is. The client gives up as soon as another wait would outlast it.',
    requests: [get('/archive', { attempts: 4, outcome: '503' }, 1500)],
  },
];
