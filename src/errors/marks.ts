import type { NetworkPhase } from './http-network-error.js';

/** What can be read from the error that a transport gave. */
export interface NetworkFailure {
  readonly summary?: string | undefined;
  readonly phase?: NetworkPhase | undefined;
  readonly sent?: false | undefined;
  readonly permanent?: true | undefined;
}

/** The marks of a system error, and those that a transport may put on its own. */
export interface Marks {
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
  readonly message?: unknown;
  readonly sent?: unknown;
  readonly permanent?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** An error, its causes, and the attempts that an AggregateError gathers (one for each address of a name). */
export function marksOf(error: unknown, depth = 0): readonly Marks[] {
  if (typeof error !== 'object' || error === null || depth > 5) return [];
  const marks: Marks = error;
  const gathered: readonly unknown[] = Array.isArray(marks.errors) ? marks.errors : [];
  return [marks, ...[marks.cause, ...gathered].flatMap((one) => marksOf(one, depth + 1))];
}

/** What errors say in words. */
export function wordsOf(all: readonly Marks[]): readonly string[] {
  return all.map(({ message }) => message).filter((message) => typeof message === 'string' && message !== '') as string[];
}

/** What a transport says of its failure: that it knows whether anything was sent, and that the same URL would fail again. */
export function toldBy(all: readonly Marks[]): { readonly sent: boolean | undefined; readonly permanent: boolean } {
  const sent = all.find((marks) => typeof marks.sent === 'boolean')?.sent as boolean | undefined;
  return { sent, permanent: all.some(({ permanent }) => permanent === true) };
}
