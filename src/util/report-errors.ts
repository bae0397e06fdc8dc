import { throwError } from 'rxjs';

/**
 * Runs a consumer's code whose errors must not stop the caller. RxJS reports them as unhandled errors, asynchronously.
 */
export function runAndReportErrors(work: () => void): void {
  try {
    work();
  } catch (error) {
    // eslint-disable-next-line rxjs-x/throw-error -- the consumer may throw any value
    throwError(() => error).subscribe();
  }
}
