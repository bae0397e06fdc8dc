import type { Observable } from 'rxjs';

/** What an Observable came to; `error` is there only if it failed. */
export interface Settled<T> {
  readonly values: readonly T[];
  readonly error?: unknown;
}

/** Subscribes, and resolves when it is over. */
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

/** What an Observable failed with; rejects if it completed. */
export async function failureOf(source: Observable<unknown>): Promise<unknown> {
  const result = await settled(source);
  if (!('error' in result)) throw new Error(`It completed, after ${String(result.values.length)} values.`);
  return result.error;
}

/** The only value of an Observable; rejects if it failed, or had none or several. */
export async function only<T>(source: Observable<T>): Promise<T> {
  const { values, ...end } = await settled(source);
  if ('error' in end) throw end.error;
  if (values.length !== 1) throw new Error(`It had ${String(values.length)} values.`);
  return values[0] as T;
}
