import { walkErrorChain } from './walk-error-chain.js';

/** Checks whether a file to send was changed or removed after it was opened, so that it could not be read again. */
export function isFileChangedError(error: unknown): boolean {
  return [...walkErrorChain(error)].some((candidate) => 'name' in candidate && candidate.name === 'NotReadableError');
}
