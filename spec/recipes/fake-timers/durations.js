import { mergeMap, NEVER, throwError, timer } from 'rxjs';
import { constant, RetryClient, retryWithStrategy } from 'rxjs-retry-client';

/**
 * Returns the reported durations, in ms, while `advance(ms)` moves the clock of a tool: of two attempts of 20 ms, then
 * of two timeouts of 5 s.
 */
export async function durations(advance) {
  const events = [];
  const note = { next: (event) => events.push(event), error: (error) => events.push(error) };
  const failing$ = timer(20).pipe(mergeMap(() => throwError(() => new Error('down'))));
  failing$.pipe(retryWithStrategy({ attempts: 2, backoff: constant(1_000) }, { observe: 'attempts' })).subscribe(note);
  for (const ms of [20, 1_000, 20]) await advance(ms);
  const client = new RetryClient({
    interceptors: [() => NEVER],
    timeout: 5_000,
    totalTimeout: 30_000,
    strategy: { attempts: 2, backoff: constant(1_000) },
  });
  client.get('https://api.example.com/', { observe: 'attempts' }).subscribe(note);
  for (const ms of [5_000, 1_000, 5_000, 20_000]) await advance(ms);
  return events.flatMap(({ type, elapsed, scope }) =>
    scope ? [scope] : type === undefined || type === 'start' ? [] : [Math.round(elapsed)],
  );
}

/** The durations if the tool also fakes the clock. */
export const TRUE_DURATIONS = [20, 20, 5_000, 5_000, 'attempt'];
