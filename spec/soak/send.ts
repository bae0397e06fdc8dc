import type { Observable } from 'rxjs';

import {
  bytes,
  exponential,
  fullJitter,
  HttpStatusError,
  HttpTimeoutError,
  json,
  RetryClient,
  type SelectorFunction,
  text,
} from '../../src/index.js';
import type { Audit } from './audit.js';
import type { Plan } from './plan.js';

/** In ms, far longer than any request takes, even on a busy machine. */
const MAX_REQUEST_MS = 60_000;

const selectors: Readonly<Record<Plan['reads'], SelectorFunction<unknown> | undefined>> = {
  text: text(),
  json: json(),
  bytes: bytes(),
  response: undefined,
  head: undefined,
};

/** Sends one request. Resolves when it has settled, and an emitted response has been read or cancelled. */
export function send(
  client: RetryClient,
  url: string,
  { plan, audit }: { readonly plan: Plan; readonly audit: Audit },
): Promise<void> {
  return new Promise((resolve) => {
    let reading = Promise.resolve();
    const finish = (outcome: string): void => {
      audit.onSettle(outcome);
      void reading.then(() => {
        clearTimeout(requestTimer);
        resolve();
      });
    };
    const subscription = request(client, url, plan).subscribe({
      next: (value) => {
        audit.onValue();
        if (value instanceof Response) reading = readHandedOver(value, plan.reads, audit);
        else audit.onBody(textOf(value));
      },
      error: (error: unknown) => {
        // The caller owns the response of the error, and must cancel its body.
        if (error instanceof HttpStatusError) reading = readHandedOver(error.response, 'head', audit);
        finish(nameOf(error));
      },
      complete: () => {
        finish('completed');
      },
    });
    const requestTimer = setTimeout(() => {
      audit.addViolation(`it had not settled after ${MAX_REQUEST_MS / 1_000} s`);
      subscription.unsubscribe();
      resolve();
    }, MAX_REQUEST_MS);
    if (plan.unsubscribeAfter === undefined || subscription.closed) return;
    const unsubscribeTimer = setTimeout(() => {
      subscription.unsubscribe();
      finish('left');
    }, plan.unsubscribeAfter);
    subscription.add(() => {
      clearTimeout(unsubscribeTimer);
    });
  });
}

function request(
  client: RetryClient,
  url: string,
  { index, method, idempotencyKey, attempts, totalTimeout, reads }: Plan,
): Observable<unknown> {
  const options = {
    context: { index },
    headers: idempotencyKey ? { 'idempotency-key': String(index) } : {},
    ...(method !== 'GET' && { body: `request ${index}` }),
    strategy: { attempts, backoff: fullJitter(exponential({ initial: 2, max: 20 })) },
    totalTimeout,
  };
  const selector = selectors[reads];
  return selector ? client.request(method, url, { ...options, selector }) : client.request(method, url, options);
}

/** Reads or cancels an emitted response. Its body may fail, but if it ends, it must be complete. */
async function readHandedOver(response: Response, reads: Plan['reads'], audit: Audit): Promise<void> {
  try {
    if (reads === 'head') await response.body?.cancel();
    else audit.onBody(await response.text());
  } catch {
    // A body that was cut must fail.
  }
}

/** Returns the text of a body that a selector has read. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  // json() reads undefined from a response without content.
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function nameOf(error: unknown): string {
  if (error instanceof HttpTimeoutError) return `${error.name} (${error.scope})`;
  if (error instanceof HttpStatusError) return `${error.name} (${error.status})`;
  return error instanceof Error ? error.name : 'not an Error';
}
