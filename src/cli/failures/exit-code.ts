import { type HttpError, isHttpError } from '../../index.js';
import { fileChanged } from '../options/read-data.js';
import { writeErrorIn } from '../output/write-body.js';
import { failureKind, type FailureKind } from './failure-kind.js';
import { UsageError } from './usage-error.js';

/** The codes that the command can end with, each with its meaning: curl's numbers where curl has one. */
export const exitCodes: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'A response with a status below 400, its body written whole.'],
  [1, 'Something else went wrong.'],
  [2, 'The command line is wrong.'],
  [3, 'The URL is malformed.'],
  [6, "The host's name was not resolved."],
  [7, 'No connection could be made.'],
  [8, 'The body came whole, and is not what was asked for.'],
  [18, 'The body broke off; a part of it may have been written.'],
  [22, 'The last status was 400 or above. Its body was written, except with --output.'],
  [23, 'The output could not be written, or its reader has left.'],
  [26, 'The file given to --data could not be read, or was changed meanwhile.'],
  [28, 'A timeout.'],
  [35, 'The TLS handshake failed.'],
  [56, 'The connection broke before the response came.'],
  [60, "The server's certificate was rejected."],
  [129, 'The terminal was closed (SIGHUP).'],
  [130, 'Interrupted (SIGINT).'],
  [143, 'Terminated (SIGTERM).'],
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
  if (fileChanged(error)) return 26;
  const code = isHttpError(error) ? codeOfHttpError(error) : undefined;
  if (code !== undefined) return code;
  const kind = failureKind(error);
  if (kind !== undefined) return codeOfKind[kind];
  if (!isHttpError(error)) return 1;
  return error.name === 'HttpNetworkError' && error.phase === 'connect' ? 7 : 56;
}

/** The code that an error's own kind has, whatever lies beneath it. */
function codeOfHttpError(error: HttpError): number | undefined {
  switch (error.name) {
    case 'HttpStatusError':
      return 22;
    case 'HttpTimeoutError':
      return 28;
    case 'HttpParseError':
    case 'HttpValidationError':
      return 8;
    default:
      return 'phase' in error && error.phase === 'body' ? 18 : undefined;
  }
}
