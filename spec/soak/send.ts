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

/** No request takes nearly as long, whatever it meets and however busy the machine. */
const PATIENCE = 60_000;

const selectors: Readonly<Record<Plan['reads'], SelectorFunction<unknown> | undefined>> = {
  text: text(),
  json: json(),
  bytes: bytes(),
  response: undefined,
  head: undefined,
};

/** One request: resolves when it has settled, and a body that was handed over was read or given back. */
export function send(
  client: RetryClient,
  url: string,
  { plan, audit }: { readonly plan: Plan; readonly audit: Audit },
): Promise<void> {
  return new Promise((resolve) => {
    let reading = Promise.resolve();
    const over = (how: string): void => {
      audit.settle(how);
      void reading.then(() => {
        clearTimeout(patience);
        resolve();
      });
    };
    const subscription = request(client, url, plan).subscribe({
      next: (value) => {
        audit.value();
        if (value instanceof Response) reading = use(value, plan.reads, audit);
        else audit.body(textOf(value));
      },
      error: (error: unknown) => {
        // Its response is the caller's to give back.
        if (error instanceof HttpStatusError) reading = use(error.response, 'head', audit);
        over(nameOf(error));
      },
      complete: () => {
        over('completed');
      },
    });
    const patience = setTimeout(() => {
      audit.violate(`it was not over after ${PATIENCE / 1_000} s`);
      subscription.unsubscribe();
      resolve();
    }, PATIENCE);
    if (plan.leaves === undefined || subscription.closed) return;
    const leaving = setTimeout(() => {
      subscription.unsubscribe();
      over('left');
    }, plan.leaves);
    subscription.add(() => {
      clearTimeout(leaving);
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

/** Uses a response that was handed over: what breaks off then is the caller's, what comes to an end must be whole. */
async function use(response: Response, reads: Plan['reads'], audit: Audit): Promise<void> {
  try {
    if (reads === 'head') await response.body?.cancel();
    else audit.body(await response.text());
  } catch {
    // It broke off, as it should.
  }
}

/** The text of a body that a selector has read. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  // What has no content is read as undefined by json().
  if (value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function nameOf(error: unknown): string {
  if (error instanceof HttpTimeoutError) return `${error.name} (${error.scope})`;
  if (error instanceof HttpStatusError) return `${error.name} (${error.status})`;
  return error instanceof Error ? error.name : 'an error that is none';
}
