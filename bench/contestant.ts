import type { Observable } from 'rxjs';

/** Sends one request, and tells how it ended. */
export type Send = (done: (value: unknown) => void, failed: (error: unknown) => void) => void;

/** What a contestant is told before it starts. */
export interface Course {
  /** The folder of the built package, as a URL that ends in a slash. */
  readonly dist: string;
  /** The wait before each retry, in ms. */
  readonly wait: number;
  /** Whether what is asked now fails, where no server decides. */
  readonly failing: () => boolean;
}

/** Gets a contestant ready: what comes back makes requests to a URL. */
export type Entry = (course: Course) => ((url: string) => Send) | Promise<(url: string) => Send>;

/** Requests that are Observables of one value. */
export function observed(make: (url: string) => Observable<unknown>): (url: string) => Send {
  return (url) => (done, failed) => {
    let last: unknown;
    make(url).subscribe({
      next: (value) => {
        last = value;
      },
      error: failed,
      complete: () => {
        done(last);
      },
    });
  };
}

/** Requests that are promises. */
export function promised(make: (url: string) => Promise<unknown>): (url: string) => Send {
  return (url) => (done, failed) => {
    make(url).then(done, failed);
  };
}
