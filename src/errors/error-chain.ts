import { readProperty } from '../util/foreign-object.js';
import type { NetworkPhase } from './http-network-error.js';

/** What can be read from the error that a transport gave. */
export interface NetworkFailure {
  readonly summary?: string | undefined;
  readonly phase?: NetworkPhase | undefined;
  readonly sent?: false | undefined;
  readonly permanent?: true | undefined;
  /** The error, or a copy of it that tells no secret. */
  readonly cause: unknown;
}

/** The marks of a system error, and those that a transport may put on its own. */
const FIELDS = ['name', 'code', 'syscall', 'address', 'port', 'hostname', 'message', 'sent', 'permanent'] as const;

/** What an error says of itself. */
export type ErrorFields = Readonly<Record<(typeof FIELDS)[number], unknown>> & {
  /** Whether nothing beneath it says more. */
  readonly innermost: boolean;
};

/** How many objects are looked at: an error may lead to any number of others. */
export const MAX_ERRORS = 32;

/** A mark that can be made a text: what an object would be made by code of its own, which may throw. */
function readField(error: unknown, mark: string): unknown {
  const value = readProperty(error, mark);
  return typeof value === 'object' || typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
}

/** An error's cause, and the errors that an AggregateError gathers. */
export function errorsBeneath(error: unknown): readonly unknown[] {
  const errors = readProperty(error, 'errors');
  const length = typeof errors === 'object' ? readProperty(errors, 'length') : 0;
  return [
    readProperty(error, 'cause'),
    ...Array.from({ length: typeof length === 'number' ? Math.min(MAX_ERRORS, length) : 0 }, (_, at) =>
      readProperty(errors, at),
    ),
  ];
}

/**
 * The marks of an error, of its causes, and of the errors that an AggregateError gathers (one for each address of a name). Each object is
 * looked at once, however they lead to each other.
 */
export function flattenErrorChain(error: unknown): readonly ErrorFields[] {
  const seen = new Set<unknown>();
  const visit = (one: unknown): ErrorFields[] => {
    if (typeof one !== 'object' || !one || seen.has(one) || seen.size >= MAX_ERRORS) return [];
    seen.add(one);
    const beneath = errorsBeneath(one).flatMap(visit);
    const own = Object.fromEntries(FIELDS.map((mark) => [mark, readField(one, mark)])) as ErrorFields;
    return [{ ...own, innermost: messagesOf(beneath).length === 0 }, ...beneath];
  };
  return visit(error);
}

/** What errors say in words. */
export function messagesOf(all: readonly ErrorFields[]): readonly string[] {
  return all
    .map(({ message }) => message)
    .filter((message) => typeof message === 'string' && message !== '') as string[];
}

/** What the innermost errors say, each thing once. */
export function summaryOf(all: readonly ErrorFields[]): string | undefined {
  return [...new Set(messagesOf(all.filter(({ innermost }) => innermost)))].join('; ') || undefined;
}

/** What a transport says of its failure: that it knows whether anything was sent, and that the same URL would fail again. */
export function transportFlags(all: readonly ErrorFields[]): {
  readonly sent: boolean | undefined;
  readonly permanent: boolean;
} {
  const sent = all.find((marks) => typeof marks.sent === 'boolean')?.sent as boolean | undefined;
  return { sent, permanent: all.some(({ permanent }) => permanent === true) };
}

/** Whether an error is of a kind that tells of the network: what fetch rejects with, what a transport marked, or an error of this package. */
export function isNetworkError(
  [error]: readonly ErrorFields[],
  { sent, permanent }: ReturnType<typeof transportFlags>,
): boolean {
  return error?.name === 'TypeError' || sent !== undefined || permanent;
}
