import type { Network, Place } from './messages.js';

/** Who takes part in a case. */
export interface Contestant extends Place {
  readonly who: string;
  /** Whose ratio it is given as: the bare transport beneath it. */
  readonly over: string;
}

/** Requests that are made one after another, in so many lanes at once. */
export interface RequestCase {
  readonly kind: 'requests';
  readonly name: string;
  readonly title: string;
  readonly network: Network;
  readonly path: string;
  readonly lanes: number;
  /** The reference of the whole case. */
  readonly bare: string;
  readonly contestants: readonly Contestant[];
}

/** Requests that wait all at once. */
export interface PendingCase {
  readonly kind: 'pending';
  readonly name: string;
  readonly title: string;
  readonly bare: string;
  readonly contestants: readonly Contestant[];
}

/** What is measured without making requests. */
export interface OtherCase {
  readonly kind: 'size' | 'import';
  readonly name: string;
  readonly title: string;
}

export type Case = RequestCase | PendingCase | OtherCase;

export const FROM_FETCH = 'RxJS fromFetch';
export const RXJS_RETRY = 'RxJS retry';
export const OURS = 'rxjs-retry-client';
export const OPERATOR = `${OURS}: retryWithStrategy`;

const OWN = 'contestants/ours';
const RXJS = 'contestants/rxjs';
const PLATFORM = 'contestants/platform';

function contestant(who: string, module: string, entry: string, over: string): Contestant {
  return { who, module, entry, over };
}

/** What a request costs beside the network. */
export const STUB: RequestCase = {
  kind: 'requests',
  name: 'stub',
  title: 'No network: fetch is a function that resolves with a ready response',
  network: 'stub',
  path: 'stub',
  lanes: 1,
  bare: FROM_FETCH,
  contestants: [
    contestant('fetch', PLATFORM, 'get', FROM_FETCH),
    contestant(FROM_FETCH, RXJS, 'get', FROM_FETCH),
    contestant(`${FROM_FETCH} + retry`, RXJS, 'getWithRetry', FROM_FETCH),
    contestant('backoff-rxjs', 'peers/backoff-rxjs', 'get', FROM_FETCH),
    contestant('p-retry', 'peers/p-retry', 'get', FROM_FETCH),
    contestant('ky', 'peers/ky', 'get', FROM_FETCH),
    contestant(`${OURS}: get`, OWN, 'get', FROM_FETCH),
    contestant(`${OURS}: get, attempts$ listened to`, OWN, 'getWithListener', FROM_FETCH),
    contestant(`${OURS}: get, a strategy of its own`, OWN, 'getWithStrategy', FROM_FETCH),
  ],
};

const stubJSON: RequestCase = {
  kind: 'requests',
  name: 'stub-json',
  title: 'No network, a new response each time, read as JSON',
  network: 'stub-json',
  path: 'stub',
  lanes: 1,
  bare: FROM_FETCH,
  contestants: [
    contestant('fetch', PLATFORM, 'json', FROM_FETCH),
    contestant(FROM_FETCH, RXJS, 'json', FROM_FETCH),
    contestant(`${FROM_FETCH} + retry`, RXJS, 'jsonWithRetry', FROM_FETCH),
    contestant('ky', 'peers/ky', 'json', FROM_FETCH),
    contestant(`${OURS}: getJSON`, OWN, 'json', FROM_FETCH),
  ],
};

/** What waiting costs. */
export const PENDING: PendingCase = {
  kind: 'pending',
  name: 'pending',
  title: 'Requests that have failed once and wait, all at once',
  bare: RXJS_RETRY,
  contestants: [
    contestant('setTimeout', PLATFORM, 'waiting', RXJS_RETRY),
    contestant(RXJS_RETRY, RXJS, 'waiting', RXJS_RETRY),
    contestant('p-retry', 'peers/p-retry', 'waiting', RXJS_RETRY),
    contestant(OPERATOR, OWN, 'operatorWaiting', RXJS_RETRY),
    contestant(`${OURS}: get`, OWN, 'waiting', RXJS_RETRY),
  ],
};

/** All there is, in the order in which it is run. */
export function allCases(): readonly Case[] {
  return [STUB, stubJSON, PENDING, { kind: 'size', name: 'size', title: 'Size' }];
}

/** The same case with some of its contestants. */
export function only<C extends RequestCase | PendingCase>(one: C, who: readonly string[]): C {
  return { ...one, contestants: one.contestants.filter((contestant) => who.includes(contestant.who)) };
}
