import type { HttpLike } from '../http/http-like.js';
import { responseTime, retryAfter } from '../http/retry-after.js';
import { countOf, type ListItem, parseList, stringOf } from '../http/structured-list.js';
import { parseReset, plausibleDelay, plausibleRetryAfter } from './reset-time.js';

/** What a server says about one of its limits. */
export interface ServerLimitPolicy {
  /** The policy's name; for fields without names their prefix, or what they count: `x-ratelimit`, `minute`. */
  readonly name: string;
  /** How many requests are left. */
  readonly remaining: number;
  /** How long it is until the server allows more, in ms; `undefined` if it does not say. */
  readonly resetAfter: number | undefined;
  /** How many requests the server allows in a window; `undefined` if it does not say. */
  readonly limit: number | undefined;
  /** The length of the window, in ms; `undefined` if it does not say. */
  readonly window: number | undefined;
}

/** What a response says about limits. */
export interface LimitReport {
  /** How long the server asks for no requests, in ms; `undefined` if it does not ask for that. */
  readonly retryAfter: number | undefined;
  /** The limits, each with a key that is the same in each response of the server. */
  readonly policies: ReadonlyMap<string, ServerLimitPolicy>;
}

/** Reads a field; an empty one if it is absent, or no text. */
type FieldReader = (name: string) => string;

/**
 * The statuses with which `Retry-After` is about the server, and not about one resource: a redirection, 202 (a job is
 * not done) and 413 are about one. GitHub sends it with 403, and Anthropic with 529.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3 | RFC 9110, section 10.2.3}, on 503
 * @see {@link https://www.rfc-editor.org/rfc/rfc6585#section-4 | RFC 6585, section 4}, on 429
 */
const REFUSALS: readonly number[] = [403, 429, 503, 529];

/**
 * The names of fields that have one value each; the star stands for `remaining`, `limit` and `reset`. In turn: drafts
 * 00 to 06 of the IETF, and GitLab; GitHub and most others; Twitter; OpenAI; RapidAPI; Anthropic.
 */
const FIELD_NAMES = [
  'ratelimit-*',
  'x-ratelimit-*',
  'x-rate-limit-*',
  'x-ratelimit-*-requests',
  'x-ratelimit-requests-*',
  'anthropic-ratelimit-requests-*',
];

/** Kong's windows, in ms. They begin with the clock's second, minute, hour and day, in UTC. */
const CLOCK_WINDOWS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

/**
 * Reads what a response says about limits. What is malformed is ignored, and so is a response from a cache.
 *
 * @param now - the wall clock, in ms since the epoch
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ | RateLimit fields, draft 10}
 */
export function readRateLimitFields({ status, headers }: HttpLike, now: number): LimitReport {
  const field: FieldReader = (name) => {
    // The headers of another library may return a value of any type.
    const value: unknown = headers.get(name);
    return typeof value === 'string' ? value : '';
  };
  const policies = new Map<string, ServerLimitPolicy>();
  // What a cache stored says nothing about the present.
  if (Number(field('age')) > 0) return { retryAfter: undefined, policies };
  const time = responseTime(field, now);
  const wait = REFUSALS.includes(status) ? plausibleRetryAfter(retryAfter(field, now) ?? NaN, time) : undefined;
  const add = (key: string, policy: ServerLimitPolicy): void => {
    // Retry-After takes precedence over the reset of what is used up.
    policies.set(key, wait !== undefined && policy.remaining === 0 ? { ...policy, resetAfter: wait } : policy);
  };
  readRateLimit(field, add);
  for (const names of FIELD_NAMES) readSingleFields(field, names, status, time, add);
  for (const [name, window] of Object.entries(CLOCK_WINDOWS)) readClockWindow(field, name, window, time, add);
  return { retryAfter: wait, policies };
}

type AddPolicy = (key: string, policy: ServerLimitPolicy) => void;

/** Reads `RateLimit` and `RateLimit-Policy`. */
function readRateLimit(field: FieldReader, add: AddPolicy): void {
  const rateLimit = field('ratelimit');
  const items = parseList(rateLimit);
  if (!items) {
    readDraft7(rateLimit, field, add);
    return;
  }
  const quotas = readList(field('ratelimit-policy'))
    .map((item) => readQuota(item))
    .filter((quota) => quota !== undefined);
  for (const { value, parameters } of items) {
    const name = stringOf(value);
    const remaining = countOf(parameters.get('r'));
    const reset = parameters.get('t');
    const seconds = countOf(reset);
    const partition = parameters.get('pk');
    if (name === undefined || remaining === undefined || (reset !== undefined && seconds === undefined)) continue;
    if (!isPartition(partition)) continue;
    const quota = quotas.find((known) => known.name === name && isSamePartition(known.partition, partition));
    // Bytes, and requests at a time, are not counted here.
    if (quota && quota.unit !== 'requests') continue;
    add(`"${name}" ${partition ?? ''}`, {
      name,
      remaining,
      resetAfter: plausibleDelay((seconds ?? NaN) * 1000),
      limit: quota?.limit,
      window: quota?.window,
    });
  }
}

/** Reads a list that says nothing if it is malformed. */
function readList(text: string): ListItem[] {
  return parseList(text) ?? [];
}

/** What one item of `RateLimit-Policy` says. One without a name is about none of the limits. */
interface Quota {
  readonly name: string | undefined;
  readonly partition: string | undefined;
  readonly limit: number;
  readonly unit: string;
  readonly window: number | undefined;
}

function readQuota({ value, parameters }: ListItem): Quota | undefined {
  const name = stringOf(value);
  const limit = countOf(parameters.get('q'));
  const unit = parameters.has('qu') ? stringOf(parameters.get('qu')) : 'requests';
  const partition = parameters.get('pk');
  if (limit === undefined || unit === undefined || !isPartition(partition)) return undefined;
  const seconds = countOf(parameters.get('w'));
  if (parameters.has('w') && !seconds) return undefined;
  return { name, partition, limit, unit, window: seconds && seconds * 1000 };
}

/** Whether a partition key is absent, or a byte sequence. */
function isPartition(key: string | undefined): boolean {
  return key?.startsWith(':') ?? true;
}

function isSamePartition(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

/** `RateLimit` of draft 07: limit=100, remaining=50, reset=5. */
const DRAFT_7 = /^ *[a-z]+=\d{1,15}(?:[ \t]*,[ \t]*[a-z]+=\d{1,15})*[ \t]*$/;

function readDraft7(rateLimit: string, field: FieldReader, add: AddPolicy): void {
  if (!DRAFT_7.test(rateLimit)) return;
  const members = new Map([...rateLimit.matchAll(/([a-z]+)=(\d+)/g)].map(([, name, value]) => [name, Number(value)]));
  const remaining = members.get('remaining');
  const limit = members.get('limit');
  if (remaining === undefined) return;
  const resetAfter = plausibleDelay((members.get('reset') ?? NaN) * 1000);
  add('ratelimit', {
    name: 'ratelimit',
    remaining,
    resetAfter,
    limit,
    window: windowOf(limit, field('ratelimit-policy')),
  });
}

/**
 * Returns the window of a quota in ms, from `RateLimit-Policy` of drafts 03 to 07, or the limit's own list: `100;w=60`.
 */
function windowOf(limit: number | undefined, ...lists: string[]): number | undefined {
  const items = lists.flatMap((list) => readList(list));
  const quota = items.find(({ value, parameters }) => countOf(value) === limit && countOf(parameters.get('w')));
  const seconds = countOf(quota?.parameters.get('w'));
  return seconds && seconds * 1000;
}

/** Reads a count: 100, or the first of 100, 100;w=60. */
function readCount(text: string): number | undefined {
  const digits = /^\s*(\d{1,15})\s*(?:,|$)/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * Returns the one value of a field, and an empty text if there are several. Two values are of two limits: which reset
 * belongs to which is unknown.
 */
function oneValue(text: string): string {
  const values = new Set(text.split(',').map((value) => value.trim()));
  return values.size === 1 ? [...values].join() : '';
}

/** Reads fields that have one value each. */
function readSingleFields(field: FieldReader, names: string, status: number, time: number, add: AddPolicy): void {
  const read = (part: string): string => field(names.replace('*', part));
  const remainingField = read('remaining');
  // A refusal with a reset says that nothing is left.
  const remaining = remainingField === '' && status === 429 ? 0 : readCount(oneValue(remainingField));
  if (remaining === undefined) return;
  // A duration is not affected by clocks, and has decimals where Discord's moment was rounded.
  const resetAfter = ['reset-after', 'retry-after', 'reset']
    .map((part) => read(part))
    .map((text) => parseReset(oneValue(text) || text, time))
    .find((delay) => delay !== undefined);
  if (remainingField === '' && resetAfter === undefined) return;
  const limitField = read('limit');
  const limit = readCount(limitField);
  const name = names.replace('-*', '');
  add(name, { name, remaining, resetAfter, limit, window: windowOf(limit, limitField, field('ratelimit-policy')) });
}

/** Reads Kong's fields of one window. */
function readClockWindow(field: FieldReader, name: string, window: number, time: number, add: AddPolicy): void {
  const remaining = readCount(oneValue(field(`x-ratelimit-remaining-${name}`)));
  if (remaining === undefined) return;
  const limit = readCount(field(`x-ratelimit-limit-${name}`));
  add(name, { name, remaining, resetAfter: window - (time % window), limit, window });
}
