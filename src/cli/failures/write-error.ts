import { walkErrorChain } from './walk-error-chain.js';

/** An output that could not be written, such as a full disk or a closed pipe. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
}

/** Finds the WriteError in a chain of causes. */
export function findWriteError(error: unknown): WriteError | undefined {
  return [...walkErrorChain(error)].find((candidate) => candidate instanceof WriteError);
}

/**
 * Checks whether an output's reader closed it, as in `| head`.
 *
 * The reader has seen enough, so the command reports no failure.
 */
export function isBrokenPipe(error: unknown): boolean {
  const cause = findWriteError(error)?.cause;
  return cause instanceof Error && 'code' in cause && cause.code === 'EPIPE';
}
