import { concat, defer, of, throwError, type Observable } from 'rxjs';

import { type AttemptEvent, constant, type Outcome, type RetryStrategy, retryWithStrategy } from '../../src/index.js';
import { plot, withoutResponses } from '../support/attempt-events.js';
import { formatEvent, watch } from '../support/event-log.js';
import { answer, HTTPError, HttpErrorResponse, HttpHeaderResponse, HttpResponse } from '../support/look-alikes.js';
import { inVirtualTime } from '../support/virtual-time.js';

const strategy: RetryStrategy = { attempts: 2, backoff: constant(5) };

/** The decision on the first attempt: `retry`, `value`, or the reason of the failure such as `permanent`. */
function outcomeOfFirstAttempt(attempt: Observable<unknown>, of: RetryStrategy = strategy): string {
  const line = inVirtualTime(({ flush }) => {
    const eventLog = watch(attempt.pipe(retryWithStrategy(of, { observe: 'attempts' })), formatEvent);
    flush();
    return eventLog.lines.slice(1).find((line) => !line.includes(' response ')) ?? '';
  });
  const [, type = '', ...rest] = line.split(' ');
  return type === 'failure' ? (rest.at(-1) ?? '') : type;
}

const failing = (error: unknown): Observable<never> => throwError(() => error);

describe('retryWithStrategy and values or errors that look like HTTP:', () => {
  describe('an HttpErrorResponse of Angular', () => {
    it('is retried by its status', () => {
      expect(outcomeOfFirstAttempt(failing(new HttpErrorResponse(503)))).toBe('retry');
      expect(outcomeOfFirstAttempt(failing(new HttpErrorResponse(429)))).toBe('retry');
      expect(outcomeOfFirstAttempt(failing(new HttpErrorResponse(404)))).toBe('permanent');
      expect(outcomeOfFirstAttempt(failing(new HttpErrorResponse(401)))).toBe('permanent');
    });

    it('is retried with status 0, a network failure', () => {
      expect(outcomeOfFirstAttempt(failing(new HttpErrorResponse(0, {}, new TypeError('Failed to fetch'))))).toBe(
        'retry',
      );
    });

    it('is not retried when a 200 could not be parsed', () => {
      expect(outcomeOfFirstAttempt(failing(new HttpErrorResponse(200)))).toBe('permanent');
    });

    it('is thrown unchanged after the last attempt', () => {
      const errors = [new HttpErrorResponse(503), new HttpErrorResponse(502)];
      const seen: unknown[] = [];
      inVirtualTime(({ flush }) => {
        let attempt = 0;
        defer(() => failing(errors[attempt++]))
          .pipe(retryWithStrategy(strategy))
          .subscribe({ error: (error: unknown) => seen.push(error) });
        flush();
      });
      expect(seen.length).toBe(1);
      expect(seen[0]).toBe(errors[1]);
    });
  });

  describe('an AjaxError of RxJS', () => {
    const ajaxError = (status: number, headers: Readonly<Record<string, string>> = {}): Error => {
      const xhr = {
        status,
        responseType: 'json',
        response: { status: 503 },
        getResponseHeader: (name: string) => headers[name] ?? null,
      };
      return Object.assign(new Error('ajax error'), { name: 'AjaxError', xhr, status, response: xhr.response });
    };

    it('is retried by its status, and not by what its body says', () => {
      expect(outcomeOfFirstAttempt(failing(ajaxError(503)))).toBe('retry');
      expect(outcomeOfFirstAttempt(failing(ajaxError(404)))).toBe('permanent');
      expect(outcomeOfFirstAttempt(failing(ajaxError(0)))).toBe('retry');
    });

    it('gives up when its Retry-After is too long', () => {
      expect(outcomeOfFirstAttempt(failing(ajaxError(503, { 'retry-after': '61' })))).toBe('retry-after');
    });
  });

  describe('an error with plain headers, such as those of got and undici', () => {
    const got = (statusCode: number, headers = {}): Error =>
      Object.assign(new Error('HTTPError'), { response: { statusCode, headers } });
    const undici = (statusCode: number, headers = {}): Error =>
      Object.assign(new Error('ResponseError'), { statusCode, headers });

    it('is retried by its status and Retry-After', () => {
      for (const make of [got, undici]) {
        expect(outcomeOfFirstAttempt(failing(make(503)))).toBe('retry');
        expect(outcomeOfFirstAttempt(failing(make(404)))).toBe('permanent');
        expect(outcomeOfFirstAttempt(failing(make(429, { 'retry-after': '61' })))).toBe('retry-after');
      }
    });

    it('without headers is retried like any error', () => {
      expect(outcomeOfFirstAttempt(failing(Object.assign(new Error('of the database'), { status: 404 })))).toBe(
        'retry',
      );
    });
  });

  it('a cancellation is not retried, by whatever name a library gives it', () => {
    for (const name of ['AbortError', 'CanceledError', 'CancelledError', 'CancelError']) {
      expect(outcomeOfFirstAttempt(failing(Object.assign(new Error('cancelled'), { name }))))
        .withContext(name)
        .toBe('permanent');
    }
    expect(outcomeOfFirstAttempt(failing(Object.assign(new Error('no money'), { name: 'CancellationFeeError' })))).toBe(
      'retry',
    );
  });

  it('an error whose properties throw is thrown like any other error', () => {
    const hostile = new Proxy(new Error('hostile'), {
      get: () => {
        throw new Error('trap');
      },
    });
    const run = failing(hostile).pipe(retryWithStrategy({ attempts: 1 }));
    let ended = 0;
    run.subscribe({ error: () => (ended += 1) });
    expect(ended).toBe(1);
  });

  describe('an HttpResponse of Angular', () => {
    it('is accepted with a success status', () => {
      expect(outcomeOfFirstAttempt(of(new HttpResponse('fine', 200)))).toBe('value');
      expect(outcomeOfFirstAttempt(of(new HttpResponse(null, 204)))).toBe('value');
    });

    it('is retried with an error status, with or without a body', () => {
      expect(outcomeOfFirstAttempt(of(new HttpResponse('down', 503)))).toBe('retry');
      expect(outcomeOfFirstAttempt(of(new HttpResponse(null, 503)))).toBe('retry');
      expect(outcomeOfFirstAttempt(of(new HttpResponse(undefined, 503)))).toBe('retry');
      expect(outcomeOfFirstAttempt(of(new HttpResponse(null, 0)))).toBe('retry');
    });

    it('is retried by statuses and retryAllServerErrors', () => {
      expect(outcomeOfFirstAttempt(of(new HttpResponse('teapot', 418)), { ...strategy, statuses: [418] })).toBe(
        'retry',
      );
      expect(
        outcomeOfFirstAttempt(of(new HttpResponse('down', 503)), { ...strategy, retryAllServerErrors: false }),
      ).toBe('value');
    });
  });

  it('Angular’s events before the response are emitted, including the headers', () => {
    const lines = inVirtualTime(({ flush }) => {
      const events = concat(
        of<unknown[]>({ type: 0 }, new HttpHeaderResponse(503), { type: 3, loaded: 10 }),
        failing(new HttpErrorResponse(503)),
      );
      const eventLog = watch(
        events.pipe(retryWithStrategy(strategy)),
        (event) => `event ${String((event as { type: number }).type)}`,
      );
      flush();
      return eventLog.lines;
    });
    expect(lines.slice(0, 6)).toEqual(['0 event 0', '0 event 2', '0 event 3', '5 event 0', '5 event 2', '5 event 3']);
    expect(lines.length).toBe(7);
  });

  describe('an HTTPError of ky', () => {
    it('is retried by the status of its response', () => {
      expect(outcomeOfFirstAttempt(failing(new HTTPError(answer(503))))).toBe('retry');
      expect(outcomeOfFirstAttempt(failing(new HTTPError(answer(404))))).toBe('permanent');
      expect(outcomeOfFirstAttempt(failing(new HTTPError(answer(404))), { ...strategy, statuses: [404] })).toBe(
        'retry',
      );
    });

    it('shows its response to shouldRetry', () => {
      const error = new HTTPError(answer(503));
      const outcomes: Outcome[] = [];
      const shouldRetry = (outcome: Outcome): undefined => {
        outcomes.push(outcome);
      };
      expect(outcomeOfFirstAttempt(failing(error), { ...strategy, shouldRetry })).toBe('retry');
      expect(outcomes[0]?.kind === 'error' && outcomes[0].error).toBe(error);
      expect(outcomes[0]?.response).toBe(error.response);
    });
  });

  it('a value or error whose properties throw is not HTTP', () => {
    const status = (): never => {
      throw new Error('a bug');
    };
    const hostile = Object.defineProperties({}, { status: { get: status }, response: { get: status } });
    const cases: readonly [Observable<unknown>, string[]][] = [
      [of(hostile), ['0 [object Object]', '0 complete']],
      [failing(hostile), ['5 error: [object Object]']],
    ];
    for (const [source, expected] of cases) {
      const lines = inVirtualTime(({ flush }) => {
        const eventLog = watch(source.pipe(retryWithStrategy(strategy)), String);
        flush();
        return eventLog.lines;
      });
      expect(lines).toEqual(expected);
    }
  });

  describe('a Response of fetch', () => {
    it('is accepted with any status that is not retried', () => {
      for (const status of [200, 301, 404, 499]) expect(outcomeOfFirstAttempt(of(answer(status)))).toBe('value');
    });

    it('is retried by its status, and not emitted', () => {
      const lines = inVirtualTime(({ flush }) => {
        const answers = [answer(503), answer(200)];
        const eventLog = watch(
          defer(() => of(answers.shift())).pipe(retryWithStrategy(strategy)),
          (response) => `status ${String(response?.status)}`,
        );
        flush();
        return eventLog.lines;
      });
      expect(lines).toEqual(['5 status 200', '5 complete']);
    });

    it('with status 0 is retried as a network error', () => {
      expect(outcomeOfFirstAttempt(of(Response.error()))).toBe('retry');
    });

    it('is emitted unchanged after the last attempt, with a readable body', async () => {
      const seen: Response[] = [];
      inVirtualTime(({ flush }) => {
        defer(() => of(answer(503, {}, 'sorry')))
          .pipe(retryWithStrategy(strategy))
          .subscribe({ next: (response) => seen.push(response), error: fail });
        flush();
      });
      expect(seen.map((response) => response.status)).toEqual([503]);
      expect(await seen[0]?.text()).toBe('sorry');
    });

    it('is shown to shouldRetry, which can read a clone of it', async () => {
      const bodies: Promise<string>[] = [];
      const seen: Response[] = [];
      const shouldRetry = ({ response }: Outcome): false => {
        if (response) bodies.push(response.clone().text());
        return false;
      };
      of(answer(503, {}, 'sorry'))
        .pipe(retryWithStrategy({ shouldRetry }))
        .subscribe({ next: (response) => seen.push(response), error: fail });
      expect(await Promise.all(bodies)).toEqual(['sorry']);
      expect(await seen[0]?.text()).toBe('sorry');
    });

    it('is retried by what an asynchronous shouldRetry reads in its body', async () => {
      const types: string[] = [];
      const shouldRetry = async ({ response }: Outcome): Promise<boolean> =>
        (await response?.clone().text()) === 'try again';
      for (const body of ['try again', 'fine']) {
        const retried = of(answer(200, {}, body)).pipe(
          retryWithStrategy({ attempts: 1, shouldRetry }, { observe: 'attempts' }),
        );
        await retried.forEach(({ type }) => types.push(type));
      }
      expect(types).toEqual(['start', 'response', 'failure', 'start', 'response', 'value', 'success']);
    });
  });

  describe('the detection of HTTP', () => {
    const headers = { get: (): null => null };

    it('excludes a value without a body, without headers.get(), or with a status that is not a number', () => {
      for (const value of [
        { status: 503, headers },
        { status: 503, body: null },
        { status: 503, body: null, headers: { 'retry-after': '1' } },
        { status: 503, body: null, headers: null },
        { status: '503', body: null, headers },
        { body: null, headers },
        'status 503',
        503,
        null,
        undefined,
      ]) {
        expect(outcomeOfFirstAttempt(of(value)))
          .withContext(JSON.stringify(value))
          .toBe('value');
      }
    });

    it('excludes an error without headers.get(), or with a status that is not a number: it is retried like any error', () => {
      for (const error of [
        { status: 404 },
        { status: '404', headers },
        { status: 404, headers: {} },
        Object.assign(new Error('down'), { status: 404 }),
        { response: { status: 404 } },
        { response: null },
        null,
        undefined,
      ]) {
        expect(outcomeOfFirstAttempt(failing(error)))
          .withContext(JSON.stringify(error))
          .toBe('retry');
      }
    });

    it('includes an error without a body', () => {
      expect(outcomeOfFirstAttempt(failing({ status: 404, headers }))).toBe('permanent');
      expect(outcomeOfFirstAttempt(failing({ response: { status: 404, headers } }))).toBe('permanent');
    });
  });
});

describe('retryWithStrategy and permanent errors or hidden responses', () => {
  const eventAfterStart = (source: Observable<unknown>): string => {
    const events: AttemptEvent[] = [];
    inVirtualTime(({ flush }) => {
      source
        .pipe(retryWithStrategy({ backoff: constant(0), attempts: 2 }, { observe: 'attempts' }))
        .subscribe({ next: (event) => events.push(event), error: () => undefined });
      flush();
    });
    return plot(withoutResponses(events))[1] ?? 'nothing';
  };

  it('does not retry an error that RetryClient marked as permanent', () => {
    const failure = (marks: object): Observable<never> => throwError(() => Object.assign(new Error('down'), marks));
    expect(eventAfterStart(failure({ name: 'HttpNetworkError', permanent: true }))).toBe('failure 1 permanent');
    expect(eventAfterStart(failure({ name: 'HttpNetworkError' }))).toBe('retry 1');
    expect(eventAfterStart(failure({ name: 'OtherError', permanent: true }))).toBe('retry 1');
  });

  it('retries a response of status 0, unless it is opaque', () => {
    const response = (type: string): Observable<Response> =>
      of(Object.defineProperties(new Response(), { status: { value: 0 }, type: { value: type } }));
    expect(eventAfterStart(response('error'))).toBe('retry 1');
    for (const type of ['opaque', 'opaqueredirect']) expect(eventAfterStart(response(type))).toBe('value 1');
  });
});
