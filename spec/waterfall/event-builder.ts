import type { AttemptEvent, HttpAttempt, Outcome } from '../../src/index.js';

/** Any event of an HTTP attempt. */
export type Event = AttemptEvent<unknown, HttpAttempt>;

export const URL_OF_REQUEST = 'https://api.test/users';

type Kind = Event['type'];
type FieldsOf<K extends Kind> = Omit<Extract<Event, { type: K }>, 'type' | 'attempt'>;

/** Builds an event of the request `id`, whose attempt `number` began at `startedAt`, in ms. */
export function eventOf<K extends Kind>(
  type: K,
  number: number,
  startedAt: number,
  fields: FieldsOf<K>,
  attempt: Partial<HttpAttempt> = {},
): Event {
  return {
    type,
    attempt: { number, of: 3, requestId: 'r1', startedAt, method: 'GET', url: URL_OF_REQUEST, context: {}, ...attempt },
    ...fields,
  } as unknown as Event;
}

/** The outcome of an attempt that got a status or, without one, an error. */
export function outcomeOf(result: number | { readonly name: string; readonly message: string }): Outcome {
  const attempt = { number: 1, of: 3, requestId: 'r1', startedAt: 0 };
  return typeof result === 'number'
    ? { attempt, kind: 'response', response: new Response(null, { status: result }) }
    : { attempt, kind: 'error', error: result };
}

export function responseOf(status: number): Response {
  return new Response(null, { status });
}
