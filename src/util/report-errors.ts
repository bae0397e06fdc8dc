import { throwError } from 'rxjs';

/** Does some of the work that must go on whatever a consumer's code throws in it: that is reported as RxJS reports what nobody handles. */
export function runAndReportErrors(work: () => void): void {
  try {
    work();
  } catch (error) {
    // eslint-disable-next-line rxjs-x/throw-error -- whatever it threw
    throwError(() => error).subscribe();
  }
}
