import { Subscription, timer } from 'rxjs';

import type { Chunks, Collectable } from './direct-response.js';

/** What a discarded body may cost for its socket to be used again: beyond, a new connection is cheaper. */
const MOST_BYTES = 64 * 1024;
const MOST_MS = 250;

/**
 * Reads a discarded response to its end, so that its connection can be used again, within bounds.
 *
 * @param cut - called when it is not worth it any more, or the returned Subscription is unsubscribed before the end
 */
export function drain(response: Response & Partial<Collectable>, cut: () => void): Subscription | undefined {
  const { headers } = response;
  const length = Number(headers.get('content-length') ?? undefined);
  // What is known to be small needs no stream, which would cost more than the rest of a request; what is decompressed may be larger than it seems.
  const whole = length <= MOST_BYTES && !headers.has('content-encoding') ? response.collectBody?.(undefined) : undefined;
  const stream = whole ? undefined : response.body;
  if (stream && (response.bodyUsed || stream.locked || length > MOST_BYTES)) {
    cut();
    return undefined;
  }
  const body = whole ?? stream;
  if (!body) return undefined;
  const draining = new Subscription();
  draining.add(cut);
  // eslint-disable-next-line rxjs-x/no-ignored-error -- a timer cannot fail
  draining.add(timer(MOST_MS).subscribe(() => { draining.unsubscribe(); }));
  void readToEnd(body).then((ended) => {
    if (ended) draining.remove(cut);
    draining.unsubscribe();
  });
  return draining;
}

/** Whether it has come to an end within the bound of bytes, be it by breaking off. */
async function readToEnd(body: ReadableStream<Uint8Array> | Promise<Chunks>): Promise<boolean> {
  try {
    if (body instanceof Promise) return !!(await body);
    const reader = body.getReader();
    for (let size = 0; size <= MOST_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return true;
      size += value.byteLength;
    }
  } catch {
    // It broke off, or was cut: there is nothing left to free.
    return true;
  }
  return false;
}
