import { Subscription, timer } from 'rxjs';

/** What a discarded body may cost for its socket to be used again: beyond, a new connection is cheaper. */
const MOST_BYTES = 64 * 1024;
const MOST_MS = 250;

/**
 * Reads a discarded response to its end, so that its connection can be used again, within bounds.
 *
 * @param cut - called when it is not worth it any more, or the returned Subscription is unsubscribed before the end
 */
export function drain(response: Response, cut: () => void): Subscription | undefined {
  const { body } = response;
  if (!body) return undefined;
  if (response.bodyUsed || body.locked || Number(response.headers.get('content-length')) > MOST_BYTES) {
    cut();
    return undefined;
  }
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

async function readToEnd(body: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = body.getReader();
  try {
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
