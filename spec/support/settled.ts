import type { Observable } from 'rxjs';

/** The notifications of an Observable that has ended. `error` exists only if it failed. */
export interface Settled<T> {
  readonly values: readonly T[];
  readonly error?: unknown;
}

/** Subscribes, and resolves when the Observable has completed or failed. */
export function settled<T>(source: Observable<T>): Promise<Settled<T>> {
  const values: T[] = [];
  return new Promise((resolve) => {
    source.subscribe({
      next: (value) => values.push(value),
      error: (error: unknown) => {
        resolve({ values, error });
      },
      complete: () => {
        resolve({ values });
      },
    });
  });
}

/** Resolves with the error of an Observable. Rejects if it completed. */
export async function failureOf(source: Observable<unknown>): Promise<unknown> {
  const result = await settled(source);
  if (!('error' in result)) {
    throw new Error(`expected an error, but it completed after ${String(result.values.length)} values`);
  }
  return result.error;
}

/** Resolves with the only value of an Observable. Rejects if it failed, or emitted none or several values. */
export async function only<T>(source: Observable<T>): Promise<T> {
  const { values, ...end } = await settled(source);
  if ('error' in end) throw end.error;
  if (values.length !== 1) throw new Error(`expected one value, but got ${String(values.length)}`);
  return values[0] as T;
}
