import { isHttpError } from '../index.js';
import { failureKind, type FailureKind } from './error-code.js';
import { UsageError } from './usage-error.js';
import { writeErrorIn } from './write-body.js';

/** The codes that the command can end with, each with its meaning: curl's numbers where curl has one. */
export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'A response with a status below 400, its body written whole.'],
  [1, 'Something else went wrong.'],
  [2, 'The command line is wrong.'],
  [3, 'The URL is malformed.'],
  [6, "The host's name was not resolved."],
  [7, 'No connection could be made.'],
  [18, 'The body broke off; a part of it may have been written.'],
  [22, 'The last status was 400 or above. Its body was written, except with --output.'],
  [23, 'The output could not be written.'],
  [26, 'The file given to --data could not be read.'],
  [28, 'A timeout.'],
  [35, 'The TLS handshake failed.'],
  [56, 'The connection broke before the response came.'],
  [60, "The server's certificate was rejected."],
  [130, 'Interrupted.'],
];

const codeOfKind: Readonly<Record<FailureKind, number>> = {
  url: 3,
  name: 6,
  refused: 7,
  unreachable: 7,
  timeout: 28,
  handshake: 35,
  certificate: 60,
  reset: 56,
  closed: 56,
};

/** The code to exit with after an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return error.exitCode;
  if (writeErrorIn(error)) return 23;
  if (isHttpError(error)) {
    if (error.name === 'HttpStatusError') return 22;
    if (error.name === 'HttpTimeoutError') return 28;
    if (error.name === 'HttpNetworkError' && error.phase === 'body') return 18;
  }
  const kind = failureKind(error);
  if (kind !== undefined) return codeOfKind[kind];
  if (!isHttpError(error)) return 1;
  return error.name === 'HttpNetworkError' && error.phase === 'connect' ? 7 : 56;
}
