import fc from 'fast-check';
import { asyncScheduler, defer, map, Observable, of, switchMap, throwError, timer } from 'rxjs';

import { bearerToken, concurrencyLimit, constant, type Interceptor, RetryClient } from '../../../src/index.js';
import { inVirtualTime } from '../../support/virtual-time.js';

const API = 'http://api.test/';

/** One request of a schedule; times in ms. */
interface Planned {
  readonly at: number;
  readonly latency: number;
  /** When the consumer unsubscribes, after `at`. */
  readonly leaves: number | undefined;
  readonly isForeign: boolean;
  readonly isTried: boolean;
}

/** What happens in one run: who sends what, when the token expires, and how the refreshes go. */
interface Schedule {
  readonly requests: readonly Planned[];
  readonly expiries: readonly number[];
  /** How long each refresh takes; 0 is at once. The last repeats. */
  readonly refreshes: readonly { readonly takes: number; readonly result: 'token' | 'error' | 'null' }[];
  readonly isStored: boolean;
  readonly tokenTakes: number;
  readonly isLimited: boolean;
}

const time = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

const schedules: fc.Arbitrary<Schedule> = fc.record({
  requests: fc.array(
    fc.record({
      at: time(120),
      latency: time(40),
      leaves: fc.option(time(80), { nil: undefined, freq: 3 }),
      isForeign: fc.boolean(),
      isTried: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  ),
  expiries: fc.array(time(200), { maxLength: 4 }),
  refreshes: fc.array(
    fc.record({ takes: time(60), result: fc.constantFrom('token', 'token', 'token', 'error', 'null') }),
    { minLength: 1, maxLength: 4 },
  ),
  isStored: fc.boolean(),
  tokenTakes: fc.constantFrom(0, 0, 3),
  isLimited: fc.boolean(),
});

/** Plays a schedule; returns the first rule that it breaks. */
function findViolation(schedule: Schedule): string | undefined {
  return inVirtualTime(({ flush }) => {
    let violation: string | undefined;
    const violated = (rule: string): void => {
      violation ??= `${rule} at ${String(asyncScheduler.now())}`;
    };
    const after = <T>(ms: number, make: () => T): Observable<T> =>
      ms === 0 ? defer(() => of(make())) : timer(ms).pipe(map(make));

    // The server accepts the newest token until it expires.
    let issued = 0;
    let isExpired = true;
    for (const at of schedule.expiries) timer(at).subscribe(() => (isExpired = true));
    const sendings = new Map<string, number>();
    const server: Interceptor = ({ url, headers, attempt }) =>
      defer(() => {
        const token = headers.get('authorization');
        const { pathname, origin } = new URL(url);
        const key = `${attempt.requestId} ${String(attempt.number)}`;
        const count = (sendings.get(key) ?? 0) + 1;
        sendings.set(key, count);
        if (count > 2) violated('an attempt is sent at most twice');
        if (origin !== 'http://api.test' && token !== null) violated('no token goes to another origin');
        if (pathname === '/token' && token !== null) violated('the refresh is outside');
        const [, latency = '0'] = /^\/(\d+)/.exec(pathname) ?? [];
        return after(Number(latency), () => {
          const isAccepted = pathname === '/token' || (token === `Bearer t${String(issued)}` && !isExpired);
          return new Response(null, {
            status: isAccepted ? (pathname.endsWith('/try') && attempt.number === 1 ? 503 : 200) : 401,
          });
        });
      });

    let stored = 't0';
    let begun = 0;
    let renewed = 0;
    let underWay = 0;
    const refresh = (): Observable<string | null> => {
      const { takes, result } = schedule.refreshes[Math.min(begun, schedule.refreshes.length - 1)]!;
      begun += 1;
      underWay += 1;
      if (underWay > 1) violated('there is one refresh at a time');
      return client.get('token', { strategy: { gates: [] } }).pipe(
        switchMap(() => after(takes, () => undefined)),
        switchMap(() => {
          underWay -= 1;
          if (result === 'error') return throwError(() => new Error('down'));
          if (result === 'null') return of(null);
          renewed += 1;
          issued += 1;
          isExpired = false;
          const token = `t${String(issued)}`;
          if (schedule.isStored) stored = token;
          return of(token);
        }),
      );
    };
    const client: RetryClient = new RetryClient({
      baseUrl: API,
      strategy: { backoff: constant(7), gates: schedule.isLimited ? [concurrencyLimit({ max: 2 })] : [] },
      interceptors: [bearerToken({ token: () => after(schedule.tokenTakes, () => stored), refresh }), server],
    });

    let pending = schedule.requests.length;
    for (const { at, latency, leaves, isForeign, isTried } of schedule.requests) {
      const url = `${isForeign ? 'http://other.test/' : API}${String(latency)}${isTried ? '/try' : ''}`;
      let ends = 0;
      const end = (): void => {
        ends += 1;
        pending -= 1;
        if (ends > 1) violated('a request ends once');
      };
      const request = timer(at).pipe(switchMap(() => client.get(url)));
      const subscription = request.subscribe({ error: end, complete: end });
      if (leaves !== undefined) {
        timer(at + leaves).subscribe(() => {
          if (subscription.closed) return;
          subscription.unsubscribe();
          end();
        });
      }
    }
    flush();
    if (pending > 0) violated(`nobody waits for ever, but ${String(pending)} do`);
    if (underWay > 0) violated('a refresh runs to its end');
    // Each refresh that was not needed would exceed this.
    if (renewed > schedule.expiries.length + 1) violated(`${String(renewed)} refreshes, one for each expiry`);
    return violation;
  });
}

describe('Whatever requests, refusals, expiries and departures there are, bearerToken', () => {
  it('has one refresh at a time and for all, sends twice at most, ends each request once, and keeps the token to its origin', () => {
    fc.assert(
      fc.property(schedules, (schedule) => {
        expect(findViolation(schedule)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});
