import type { Observable } from 'rxjs';

/** Sends one request, and calls back once when it has ended. */
export type Send = (onDone: (value: unknown) => void, onError: (error: unknown) => void) => void;

/** The circumstances of a measurement, for the {@link Entry} of a subject. */
export interface BenchContext {
  /** The folder of the built package, as a URL that ends in a slash. */
  readonly dist: string;
  /** The delay before each retry, in ms. */
  readonly delay: number;
  /** Whether a request that starts now must fail. Only for cases without a server. */
  readonly isFailing: () => boolean;
}

/** Prepares a subject. The result makes a {@link Send} for a URL. */
export type Entry = (context: BenchContext) => ((url: string) => Send) | Promise<(url: string) => Send>;

/** Adapts a function that returns an Observable of one value. */
export function fromObservable(request: (url: string) => Observable<unknown>): (url: string) => Send {
  return (url) => (onDone, onError) => {
    let last: unknown;
    request(url).subscribe({
      next: (value) => {
        last = value;
      },
      error: onError,
      complete: () => {
        onDone(last);
      },
    });
  };
}

/** Adapts a function that returns a promise. */
export function fromPromise(request: (url: string) => Promise<unknown>): (url: string) => Send {
  return (url) => (onDone, onError) => {
    request(url).then(onDone, onError);
  };
}
