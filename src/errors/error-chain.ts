import { readProperty } from '../util/foreign-object.js';
import type { NetworkPhase } from './http-network-error.js';

/** The findings about a transport's error. */
export interface NetworkFailure {
  readonly summary?: string | undefined;
  readonly phase?: NetworkPhase | undefined;
  readonly sent?: false | undefined;
  readonly permanent?: true | undefined;
  /** The error, or a copy of it without secrets. */
  readonly cause: unknown;
}

/** The fields of Node's system errors, and `sent` and `permanent`, which a transport may set on its own errors. */
const FIELDS = ['name', 'code', 'syscall', 'address', 'port', 'hostname', 'message', 'sent', 'permanent'] as const;

/** The fields of one error in a chain. */
export type ErrorFields = Readonly<Record<(typeof FIELDS)[number], unknown>> & {
  /** Whether no error beneath it has a message. */
  readonly isInnermost: boolean;
};

/** The limit of errors in a chain: an error may lead to any number of others. */
export const MAX_ERRORS = 32;

/** Reads a primitive field. Objects count as absent: converting one to text runs foreign code, which may throw. */
function readField(error: unknown, name: string): unknown {
  const value = readProperty(error, name);
  return typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
}

/** Returns an error's cause, and the errors of an AggregateError. The first item is always the cause. */
export function errorsBeneath(error: unknown): readonly unknown[] {
  const errors = readProperty(error, 'errors');
  const length = typeof errors === 'object' ? readProperty(errors, 'length') : 0;
  return [
    readProperty(error, 'cause'),
    ...Array.from({ length: typeof length === 'number' ? Math.min(MAX_ERRORS, length) : 0 }, (_, index) =>
      readProperty(errors, index),
    ),
  ];
}

/**
 * Returns the fields of an error, of its causes, and of the errors of an AggregateError (Node has one for each address
 * of a name). Each object is read once: causes may form a ring.
 */
export function flattenErrorChain(error: unknown): readonly ErrorFields[] {
  const seen = new Set<unknown>();
  const visit = (current: unknown): ErrorFields[] => {
    if (typeof current !== 'object' || !current || seen.has(current) || seen.size >= MAX_ERRORS) return [];
    seen.add(current);
    const beneath = errorsBeneath(current).flatMap(visit);
    const fields = Object.fromEntries(FIELDS.map((name) => [name, readField(current, name)])) as ErrorFields;
    return [{ ...fields, isInnermost: messagesOf(beneath).length === 0 }, ...beneath];
  };
  return visit(error);
}

/** Returns the messages in a chain that are not empty. */
export function messagesOf(chain: readonly ErrorFields[]): readonly string[] {
  return chain
    .map(({ message }) => message)
    .filter((message) => typeof message === 'string' && message !== '') as string[];
}

/** Joins the messages of the innermost errors, which say most, each once. */
export function summaryOf(chain: readonly ErrorFields[]): string | undefined {
  return [...new Set(messagesOf(chain.filter(({ isInnermost }) => isInnermost)))].join('; ') || undefined;
}

/**
 * Returns what a transport has set on its own errors: `sent`, if it knows whether the request was sent, and
 * `permanent`, if the same URL would fail again.
 */
export function transportFlags(chain: readonly ErrorFields[]): {
  readonly sent: boolean | undefined;
  readonly permanent: boolean;
} {
  const sent = chain.find((fields) => typeof fields.sent === 'boolean')?.sent as boolean | undefined;
  return { sent, permanent: chain.some(({ permanent }) => permanent === true) };
}

/**
 * Messages of fetch in workerd, where a failure of the network is an Error and no TypeError. The second one is all that
 * it says of a name that was not resolved, of TLS, and of an answer that is no HTTP.
 */
const WORKERD_MESSAGE = /^(?:Network connection lost|internal error; reference = )/;

/** Whether an error of this name and message is the network's in workerd. */
export function isWorkerdFailure(name: unknown, message: unknown): boolean {
  return name === 'Error' && WORKERD_MESSAGE.test(String(message));
}

/** Whether it is workerd's message for a redirect loop, which has all its URLs. */
export function isWorkerdRedirectLoop(message: unknown): boolean {
  return String(message).startsWith('Too many redirects.');
}

/**
 * Whether an error is one of the network: a TypeError, as of fetch, an Error of workerd, or one with a transport's own
 * flags.
 */
export function isNetworkError(
  [error]: readonly ErrorFields[],
  { sent, permanent }: ReturnType<typeof transportFlags>,
): boolean {
  return (
    error?.name === 'TypeError' || sent !== undefined || permanent || isWorkerdFailure(error?.name, error?.message)
  );
}
