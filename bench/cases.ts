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
  /** Whether each request is so much work that a few hundred of them warm anybody. */
  readonly heavy: boolean;
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
export const CLIENT = `${OURS}: get`;
export const LISTENED = `${CLIENT}, attempts$ listened to`;
export const AT_ONCE = `${CLIENT}, answered at once`;
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
  heavy: false,
  bare: FROM_FETCH,
  contestants: [
    contestant('fetch', PLATFORM, 'get', FROM_FETCH),
    contestant(FROM_FETCH, RXJS, 'get', FROM_FETCH),
    contestant(`${FROM_FETCH} + retry`, RXJS, 'getWithRetry', FROM_FETCH),
    contestant('backoff-rxjs', 'peers/backoff-rxjs', 'get', FROM_FETCH),
    contestant('p-retry', 'peers/p-retry', 'get', FROM_FETCH),
    contestant('ky', 'peers/ky', 'get', FROM_FETCH),
    contestant(CLIENT, OWN, 'get', FROM_FETCH),
    contestant(LISTENED, OWN, 'getWithListener', FROM_FETCH),
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
  heavy: false,
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
    contestant(`${RXJS_RETRY} around fetch`, RXJS, 'fetchWaiting', RXJS_RETRY),
    contestant('p-retry', 'peers/p-retry', 'waiting', RXJS_RETRY),
    contestant(OPERATOR, OWN, 'operatorWaiting', RXJS_RETRY),
    contestant(AT_ONCE, OWN, 'waitingAtOnce', RXJS_RETRY),
    contestant(CLIENT, OWN, 'waiting', RXJS_RETRY),
  ],
};

/** Whoever goes through a network, by what lies beneath; an entry that is missing cannot do it. */
interface Traveller {
  readonly who: string;
  readonly module: string;
  readonly over: string;
  readonly json?: string;
  readonly busy: string | undefined;
  readonly bytes: string;
}

const FETCH = 'native fetch';
const NODE_FETCH = 'node-fetch';
const NODE_HTTP = 'node:http';
const DISPATCH = 'undici dispatch';

const TRAVELLERS: readonly Traveller[] = [
  { who: FETCH, module: PLATFORM, over: FETCH, busy: 'jsonByHand', bytes: 'bytes' },
  { who: FROM_FETCH, module: RXJS, over: FETCH, busy: undefined, bytes: 'bytes' },
  {
    who: `${FROM_FETCH} + retry`,
    module: RXJS,
    over: FETCH,
    json: 'jsonWithRetry',
    busy: 'jsonWithRetry',
    bytes: 'bytesWithRetry',
  },
  { who: 'backoff-rxjs', module: 'peers/backoff-rxjs', over: FETCH, busy: 'json', bytes: 'bytes' },
  { who: 'p-retry', module: 'peers/p-retry', over: FETCH, busy: 'json', bytes: 'bytes' },
  { who: 'ky', module: 'peers/ky', over: FETCH, busy: 'json', bytes: 'bytes' },
  { who: OURS, module: OWN, over: FETCH, busy: 'json', bytes: 'bytes' },
  { who: NODE_FETCH, module: 'contestants/node-fetch', over: NODE_FETCH, busy: 'jsonByHand', bytes: 'bytes' },
  {
    who: `${OURS}, nodeFetch()`,
    module: OWN,
    over: NODE_FETCH,
    json: 'jsonOverNodeFetch',
    busy: 'jsonOverNodeFetch',
    bytes: 'bytesOverNodeFetch',
  },
  { who: NODE_HTTP, module: 'contestants/node-http', over: NODE_HTTP, busy: 'json', bytes: 'bytes' },
  { who: 'got', module: 'peers/got', over: NODE_HTTP, busy: 'json', bytes: 'bytes' },
  { who: 'axios + axios-retry', module: 'peers/axios', over: NODE_HTTP, busy: 'json', bytes: 'bytes' },
  {
    who: DISPATCH,
    module: 'peers/undici',
    over: DISPATCH,
    json: 'dispatchJSON',
    busy: 'dispatchJSON',
    bytes: 'dispatchBytes',
  },
  {
    who: 'undici request',
    module: 'peers/undici',
    over: DISPATCH,
    json: 'requestJSON',
    busy: 'requestJSON',
    bytes: 'requestBytes',
  },
  {
    who: 'undici RetryAgent',
    module: 'peers/undici',
    over: DISPATCH,
    json: 'retryAgentJSON',
    busy: 'retryAgentJSON',
    bytes: 'retryAgentBytes',
  },
];

const OVER_UNDICI: Traveller = {
  who: `${OURS}, undiciFetch()`,
  module: OWN,
  over: DISPATCH,
  json: 'jsonOverUndici',
  busy: 'jsonOverUndici',
  bytes: 'bytesOverUndici',
};

function network(
  name: string,
  title: string,
  path: string,
  lanes: number,
  entryOf: (one: Traveller) => string | undefined,
  undici: boolean,
): RequestCase {
  const contestants = (undici ? [...TRAVELLERS, OVER_UNDICI] : TRAVELLERS).flatMap((one) => {
    const entry = entryOf(one);
    return entry === undefined ? [] : [contestant(one.who, one.module, entry, one.over)];
  });
  return {
    kind: 'requests',
    name,
    title,
    network: 'server',
    path,
    lanes,
    heavy: name === 'megabyte',
    bare: FETCH,
    contestants,
  };
}

const LANES = [1, 32, 256];

/**
 * All there is, in the order in which it is run.
 *
 * @param undici - whether the package has a transport over undici
 */
export function allCases(undici: boolean): readonly Case[] {
  const atATime = (lanes: number): string => (lanes === 1 ? 'one at a time' : `${lanes} at a time`);
  return [
    STUB,
    stubJSON,
    ...LANES.map((lanes) =>
      network(
        `json-${lanes}`,
        `Small JSON over loopback, ${atATime(lanes)}`,
        'json',
        lanes,
        ({ json = 'json' }) => json,
        undici,
      ),
    ),
    ...LANES.map((lanes) =>
      network(
        `busy-${lanes}`,
        `The same, each answered with a 503 first, ${atATime(lanes)}`,
        'busy/*',
        lanes,
        ({ busy }) => busy,
        undici,
      ),
    ),
    network('megabyte', 'Bodies of 1 MiB, read whole, one at a time', 'megabyte', 1, ({ bytes }) => bytes, undici),
    PENDING,
    { kind: 'import', name: 'import', title: 'Time to import' },
    { kind: 'size', name: 'size', title: 'Size: minified by esbuild, compressed by brotli, without RxJS' },
  ];
}

/** The same case with some of its contestants. */
export function only<C extends RequestCase | PendingCase>(one: C, who: readonly string[]): C {
  return { ...one, contestants: one.contestants.filter((contestant) => who.includes(contestant.who)) };
}
