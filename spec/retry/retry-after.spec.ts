import { defer, of, throwError, timer, map, mergeMap, type Observable } from 'rxjs';

import { constant, retryWithStrategy, type BackoffContext, type RetryStrategy } from '../../src/index.js';
import { formatEvent, watch } from '../support/event-log.js';
import { answer, HTTPError, HttpErrorResponse, HttpResponse } from '../support/look-alikes.js';
import { inVirtualTime } from '../support/virtual-time.js';

const failing = (error: unknown): Observable<never> => throwError(() => error);

/** The wait after the first attempt in ms, or the reason of the failure. */
function waitAfter(first: Observable<unknown>, strategy: RetryStrategy = {}): string {
  const line = inVirtualTime(({ flush }) => {
    const sources = [first];
    const retried = defer(() => sources.shift() ?? of('fine')).pipe(
      retryWithStrategy({ attempts: 2, backoff: constant(7), random: () => 0, ...strategy }, { observe: 'attempts' }),
    );
    const eventLog = watch(retried, formatEvent);
    flush();
    return eventLog.lines.find((written) => !/ start | response /.test(written)) ?? '';
  });
  return line.includes(' retry ') ? line.replace(/^.* in /, '') : line.replace(/^.* /, '');
}

const status = (code: number, headers: Record<string, string>): Observable<unknown> => of(answer(code, headers));

describe('retryWithStrategy and Retry-After:', () => {
  it('waits for the longer of the header and the backoff', () => {
    expect(waitAfter(status(503, { 'Retry-After': '2' }))).toBe('2000');
    expect(waitAfter(status(503, { 'Retry-After': '2' }), { backoff: constant(3_000) })).toBe('3000');
    expect(waitAfter(status(429, { 'Retry-After': '0' }))).toBe('7');
    expect(waitAfter(status(503, {}))).toBe('7');
  });

  it('adds a random tenth to the header, 1 s at most', () => {
    expect(waitAfter(status(503, { 'Retry-After': '2' }), { random: () => 0.5 })).toBe('2100');
    expect(waitAfter(status(503, { 'Retry-After': '60' }), { random: () => 0.5 })).toBe('60500');
    expect(waitAfter(status(429, { 'Retry-After': '0' }), { random: () => 0.5 })).toBe('7');
  });

  it('takes the longest valid one of several values', () => {
    expect(waitAfter(status(503, { 'Retry-After': '2, 3, soon' }))).toBe('3000');
  });

  it('reads the header of HttpErrorResponse, HttpResponse and HTTPError', () => {
    expect(waitAfter(failing(new HttpErrorResponse(503, { 'Retry-After': '2' })))).toBe('2000');
    expect(waitAfter(of(new HttpResponse('down', 503, { 'Retry-After': '2' })))).toBe('2000');
    expect(waitAfter(failing(new HTTPError(answer(503, { 'Retry-After': '2' }))))).toBe('2000');
  });

  it('reads the header of every response that is retried, whatever its status', () => {
    for (const code of [408, 425, 429, 500, 502, 504]) {
      expect(waitAfter(status(code, { 'Retry-After': '3' }))).toBe('3000');
    }
    expect(waitAfter(status(202, { 'Retry-After': '3' }), { statuses: [202] })).toBe('3000');
    expect(
      waitAfter(status(200, { 'Retry-After': '3' }), { shouldRetry: ({ response }) => response?.status === 200 }),
    ).toBe('3000');
  });

  it('starts the next attempt after the header’s seconds, and not a millisecond before', () => {
    const lines = inVirtualTime(({ flush }) => {
      const answers = [answer(503, { 'Retry-After': '2' }), answer(200)];
      const source = timer(50).pipe(map(() => answers.shift()));
      const eventLog = watch(
        source.pipe(retryWithStrategy({ backoff: constant(7), random: () => 0 }, { observe: 'attempts' })),
        ({ type }) => type,
      );
      flush();
      return eventLog.lines;
    });
    expect(lines).toEqual([
      ...['0 start', '50 response', '50 retry'],
      ...['2050 start', '2100 response', '2100 value', '2100 success', '2100 complete'],
    ]);
  });

  it('measures a date against the response’s Date, not against the local clock', () => {
    const headers = { Date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'Retry-After': 'Sun, 06 Nov 1994 08:49:40 GMT' };
    expect(waitAfter(status(503, headers))).toBe('3000');
    expect(waitAfter(failing(new HttpErrorResponse(503, headers)))).toBe('3000');
    // Headers of other libraries may keep the whitespace around a value, which fetch's Headers trim.
    const padded = { Date: ` ${headers.Date}\t`, 'Retry-After': ` ${headers['Retry-After']}\t` };
    expect(waitAfter(failing(new HttpErrorResponse(503, padded)))).toBe('3000');
  });

  it('measures a date against asyncScheduler’s clock when the response has no Date', () => {
    expect(waitAfter(status(503, { 'Retry-After': 'Thu, 01 Jan 1970 00:00:04 GMT' }))).toBe('4000');
    const later = timer(1_500).pipe(mergeMap(() => status(503, { 'Retry-After': 'Thu, 01 Jan 1970 00:00:04 GMT' })));
    expect(waitAfter(later)).toBe('2500');
  });

  it('measures a date against asyncScheduler’s clock when the response’s Date is malformed', () => {
    expect(waitAfter(status(503, { Date: 'yesterday', 'Retry-After': 'Thu, 01 Jan 1970 00:00:04 GMT' }))).toBe('4000');
  });

  it('ignores the Date when the header has seconds', () => {
    expect(waitAfter(status(503, { Date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'Retry-After': '2' }))).toBe('2000');
  });

  it('ignores a malformed header', () => {
    for (const header of ['1e3', '-1', '', 'soon', '1.5', '2030-01-01T00:00:00Z']) {
      expect(waitAfter(failing(new HttpErrorResponse(503, { 'Retry-After': header }))))
        .withContext(header)
        .toBe('7');
    }
  });

  it('ignores a header that is not a string, which other libraries can return', () => {
    for (const header of [undefined, 5, ['5'], {}]) {
      expect(waitAfter(failing({ status: 503, headers: { get: () => header } })))
        .withContext(JSON.stringify(header))
        .toBe('7');
    }
  });

  it('ignores the header when the status is not retried', () => {
    expect(waitAfter(failing(new HttpErrorResponse(404, { 'Retry-After': '99999' })))).toBe('permanent');
    expect(waitAfter(status(404, { 'Retry-After': '99999' }))).not.toBe('retry-after');
  });

  it('gives up at once when the header is longer than the default of 60 s', () => {
    expect(waitAfter(status(503, { 'Retry-After': '60' }))).toBe('60000');
    expect(waitAfter(status(503, { 'Retry-After': '61' }))).toBe('retry-after');
    expect(waitAfter(failing(new HttpErrorResponse(503, { 'Retry-After': '3600' })))).toBe('retry-after');
  });

  it('gives up at once when the header is longer than maxRetryAfter', () => {
    expect(waitAfter(status(503, { 'Retry-After': '2' }), { maxRetryAfter: 2_000 })).toBe('2000');
    expect(waitAfter(status(503, { 'Retry-After': '2' }), { maxRetryAfter: 1_999 })).toBe('retry-after');
    expect(waitAfter(status(503, { 'Retry-After': '86400' }), { maxRetryAfter: Number.POSITIVE_INFINITY })).toBe(
      '86400000',
    );
  });

  it('gives up at once when a date is too far away', () => {
    const headers = { Date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'Retry-After': 'Mon, 07 Nov 1994 08:49:37 GMT' };
    expect(waitAfter(status(503, headers))).toBe('retry-after');
  });

  it('gives up also when shouldRetry returns true', () => {
    expect(waitAfter(status(503, { 'Retry-After': '61' }), { shouldRetry: () => true })).toBe('retry-after');
  });

  it('ignores the header with maxRetryAfter 0', () => {
    expect(waitAfter(status(503, { 'Retry-After': '2' }), { maxRetryAfter: 0 })).toBe('7');
    expect(waitAfter(status(503, { 'Retry-After': '99999' }), { maxRetryAfter: 0 })).toBe('7');
  });

  it('emits the value or throws the error that it gives up with, unchanged and at once', () => {
    const lines = inVirtualTime(({ flush }) => {
      const eventLog: string[] = [];
      const response = answer(503, { 'Retry-After': '3600' });
      watch(of(response).pipe(retryWithStrategy()), (value) => `the same: ${String(value === response)}`, eventLog);
      const error = new HTTPError(response);
      failing(error)
        .pipe(retryWithStrategy())
        .subscribe({ error: (thrown: unknown) => eventLog.push(`the same: ${String(thrown === error)}`) });
      flush();
      return eventLog;
    });
    expect(lines).toEqual(['0 the same: true', '0 complete', 'the same: true']);
  });

  it('passes the backoff its own last delay, and not the server’s', () => {
    const contexts: BackoffContext[] = [];
    const backoff = (context: BackoffContext): number => {
      contexts.push(context);
      return 7;
    };
    const lines = inVirtualTime(({ flush }) => {
      const answers = [answer(503, { 'Retry-After': '2' }), answer(503), answer(503), answer(200)];
      const eventLog = watch(
        defer(() => of(answers.shift())).pipe(
          retryWithStrategy({ attempts: 4, backoff, random: () => 0 }, { observe: 'attempts' }),
        ),
        formatEvent,
      );
      flush();
      return eventLog.lines;
    });
    expect(lines.filter((line) => line.includes('retry')).map((line) => line.replace(/^.* in /, ''))).toEqual([
      '2000',
      '7',
      '7',
    ]);
    const [second, third] = contexts.slice(-2);
    expect(second?.retry).toBe(2);
    expect(second?.previousDelay).toBe(7);
    expect(third).toEqual(jasmine.objectContaining({ retry: 3, previousDelay: 7 }));
  });

  it('applies the header only to the wait after its response', () => {
    const lines = inVirtualTime(({ flush }) => {
      const sources: Observable<unknown>[] = [
        status(503, { 'Retry-After': '2' }),
        failing(new Error('down')),
        of('fine'),
      ];
      const eventLog = watch(
        defer(() => sources.shift() ?? of('fine')).pipe(
          retryWithStrategy({ attempts: 4, backoff: constant(7), random: () => 0 }, { observe: 'attempts' }),
        ),
        formatEvent,
      );
      flush();
      return eventLog.lines;
    });
    expect(lines.filter((line) => line.includes('start'))).toEqual(['0 start 1/4', '2000 start 2/4', '2007 start 3/4']);
  });
});
