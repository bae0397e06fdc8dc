import { type GateRejectedError, type HttpError, isHttpError } from '../../index.js';
import { failureKindOf, type FailureKind } from './failure-kind.js';
import { isFileChangedError } from './file-changed.js';
import { UsageError } from './usage-error.js';
import { findWriteError } from './write-error.js';

/** Every exit code of the command with its meaning. The numbers are curl's if curl has one for the case. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'The status was below 400, and the whole body was written.'],
  [1, 'Something else went wrong.'],
  [2, 'The command line is wrong.'],
  [3, 'The URL is malformed.'],
  [6, "The host's name was not resolved."],
  [7, 'No connection could be made.'],
  [8, 'The complete body arrived, but is not what was asked for.'],
  [18, 'The body broke off; part of it may have been written.'],
  [22, 'The last status was 400 or above. Its body was written, except with --output.'],
  [23, 'The output could not be written, or its reader closed it.'],
  [26, 'A file for --data or simulate could not be read, or changed between attempts.'],
  [28, 'A timeout.'],
  [35, 'The TLS handshake failed.'],
  [56, 'The connection broke before the response arrived.'],
  [60, "The server's certificate was rejected."],
  // EX_TEMPFAIL of sysexits.h. curl has no such case, and no longer uses the number.
  [75, 'A gate rejected the request, and nothing was sent: try again later.'],
  [129, 'The terminal was closed (SIGHUP).'],
  [130, 'Interrupted (SIGINT).'],
  [143, 'Terminated (SIGTERM).'],
];

const CODE_BY_KIND: Readonly<Record<FailureKind, number>> = {
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

/** Returns the code to exit with after an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return error.exitCode;
  if (findWriteError(error)) return 23;
  if (isFileChangedError(error)) return 26;
  const code = isHttpError(error) ? httpErrorCode(error) : undefined;
  if (code !== undefined) return code;
  const kind = failureKindOf(error);
  if (kind !== undefined) return CODE_BY_KIND[kind];
  if (!isHttpError(error)) return 1;
  return error.name === 'HttpNetworkError' && error.phase === 'connect' ? 7 : 56;
}

/** Returns the code of an error's class and phase, which count before the codes of its causes. */
function httpErrorCode(error: HttpError | GateRejectedError): number | undefined {
  switch (error.name) {
    case 'HttpStatusError':
      return 22;
    case 'HttpTimeoutError':
      return 28;
    case 'HttpParseError':
    case 'HttpValidationError':
      return 8;
    case 'GateRejectedError':
      return 75;
    default:
      return 'phase' in error && error.phase === 'body' ? 18 : undefined;
  }
}
