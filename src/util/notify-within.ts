import { type MonoTypeOperatorFunction, Observable } from 'rxjs';

/** Delivers each notification within a call of `run`. */
export function notifyWithin<T>(run: (work: () => void) => void): MonoTypeOperatorFunction<T> {
  return (source) =>
    new Observable((output) =>
      source.subscribe({
        next: (value) => {
          run(() => {
            output.next(value);
          });
        },
        error: (error: unknown) => {
          run(() => {
            output.error(error);
          });
        },
        complete: () => {
          run(() => {
            output.complete();
          });
        },
      }),
    );
}
