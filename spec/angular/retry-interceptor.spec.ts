import '@angular/compiler';

import {
  HttpErrorResponse,
  HttpEventType,
  HttpHeaders,
  type HttpInterceptorFn,
  HttpResponse,
  type HttpEvent,
} from '@angular/common/http';
import { effect, signal } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { catchError, NEVER, Observable, of, throwError, timer } from 'rxjs';

import { type HttpRetryStrategy, injectAttempts, retryContext, retryInterceptor } from '../../src/angular/index.js';
import { constant, HttpError, HttpNetworkError, HttpTimeoutError, type Outcome } from '../../src/index.js';
import { injected, retryingHttp } from '../support/angular-app.js';
import { type AngularAnswer, angularNetwork, type AngularNetwork } from '../support/angular-network.js';
import { findSequenceViolation, listen, plot } from '../support/attempt-events.js';
import { watch } from '../support/event-log.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { failureOf, only, settled } from '../support/settled.js';
import { testServer, type TestServer } from '../support/test-server.js';
import { inVirtualTime } from '../support/virtual-time.js';

const soon = { backoff: constant(0) };
const url = 'http://a.test/users';

/** Sends a GET over a scripted network in virtual time; returns each request and the result, with their times. */
function get(answers: readonly AngularAnswer[], strategy: HttpRetryStrategy = {}): string[] {
  return inVirtualTime(({ flush }) => {
    const network = angularNetwork(...answers);
    const lines: string[] = [];
    const recordRequest: HttpInterceptorFn = (request, next) => {
      watched.note(request.method);
      return next(request);
    };
    const http = retryingHttp({ backoff: constant(5), ...strategy }, [recordRequest, network.interceptor]);
    const watched = watch(NEVER, String, lines);
    watch(
      http.get(url).pipe(catchError((error: unknown) => throwError(() => (error as HttpErrorResponse).status))),
      (body) => JSON.stringify(body),
      lines,
    );
    flush();
    return lines;
  });
}

/** Counts the requests that are sent if every attempt gets the same answer. */
async function countRequests(answer: AngularAnswer, strategy: HttpRetryStrategy = {}): Promise<number> {
  const network = angularNetwork(answer);
  await settled(retryingHttp({ ...soon, ...strategy }, [network.interceptor]).get(url));
  TestBed.resetTestingModule();
  return network.requests.length;
}

describe('retryInterceptor', () => {
  it('sends a request again after the backoff, and emits the body', () => {
    expect(get([503, 200])).toEqual(['0 GET', '5 GET', '5 {"status":200}', '5 complete']);
  });

  it('throws the last HttpErrorResponse as it is after the last attempt', async () => {
    const network = angularNetwork(503, 502, 500);
    const error = await failureOf(retryingHttp(soon, [network.interceptor]).get(url));

    expect(error).toBeInstanceOf(HttpErrorResponse);
    expect((error as HttpErrorResponse).status).toBe(500);
    expect((error as HttpErrorResponse).error).toBe('the body');
    expect(network.requests.length).toBe(3);
  });

  it('retries the statuses that the client retries, and no others', async () => {
    for (const status of [408, 425, 429, 500, 503, 599]) {
      expect(await countRequests(status))
        .withContext(String(status))
        .toBe(3);
    }
    for (const status of [400, 401, 404, 409, 418]) {
      expect(await countRequests(status))
        .withContext(String(status))
        .toBe(1);
    }
  });

  it('judges a response that Angular treats as a success', () => {
    expect(get([202, 202, 200], { statuses: [202] })).toEqual([
      '0 GET',
      '5 GET',
      '10 GET',
      '10 {"status":200}',
      '10 complete',
    ]);
    TestBed.resetTestingModule();

    expect(get([202], { statuses: [202], attempts: 2 })).toEqual(['0 GET', '5 GET', '5 {"status":202}', '5 complete']);
  });

  it('treats an HttpErrorResponse of status 0 as a network error', async () => {
    expect(await countRequests(new TypeError('Failed to fetch'))).toBe(3);
  });

  it("matches a network error and a timeout by the client's error classes", async () => {
    const lost = new TypeError('Failed to fetch');
    const late = new DOMException('signal timed out', 'TimeoutError');

    for (const type of [HttpErrorResponse, HttpNetworkError, HttpError, Error]) {
      expect(await countRequests(lost, { errors: [type] })).toBe(3);
    }
    for (const type of [HttpErrorResponse, HttpTimeoutError, HttpError, Error]) {
      expect(await countRequests(late, { errors: [type] })).toBe(3);
    }
    for (const type of [HttpTimeoutError, TypeError]) expect(await countRequests(lost, { errors: [type] })).toBe(1);
    for (const type of [HttpNetworkError, TypeError]) expect(await countRequests(late, { errors: [type] })).toBe(1);

    expect(await countRequests(lost, { errors: [] })).toBe(1);
  });

  it("does not retry Angular's own runtime errors", async () => {
    expect(await countRequests(new Error('NG02825: Fetch response body exceeded the configured buffer limit'))).toBe(1);
  });

  it("does not retry an error of the app's interceptors unless the strategy lists its class", async () => {
    class LoggedOut extends Error {}
    const answer = throwError(() => new LoggedOut());

    expect(await countRequests(answer)).toBe(1);
    expect(await countRequests(answer, { errors: [LoggedOut] })).toBe(3);
  });

  it('does not retry JSON that is complete but malformed', async () => {
    expect(
      await countRequests(
        throwError(() => new HttpErrorResponse({ status: 200, error: new SyntaxError('Unexpected token') })),
      ),
    ).toBe(1);
  });

  it('passes the response or error of Angular to shouldRetry as it is', async () => {
    const seen: unknown[] = [];
    const see = (outcome: Outcome): undefined => {
      seen.push(outcome.kind === 'error' ? outcome.error : outcome.kind === 'value' && outcome.value);
    };
    const network = angularNetwork(503, 200);
    await settled(retryingHttp({ ...soon, shouldRetry: see }, [network.interceptor]).get(url));

    expect(seen[0]).toBeInstanceOf(HttpErrorResponse);
    expect(seen[1]).toBeInstanceOf(HttpResponse);
    expect(seen.length).toBe(2);
  });

  it('waits for as long as Retry-After asks', () => {
    expect(get([{ status: 429, headers: { 'Retry-After': '2' } }, 200], { random: () => 0 }).slice(0, 2)).toEqual([
      '0 GET',
      '2000 GET',
    ]);
  });

  it('gives up at once if Retry-After exceeds maxRetryAfter', () => {
    expect(get([{ status: 503, headers: { 'Retry-After': '61' } }, 200])).toEqual(['0 GET', '0 error: 503']);
  });

  describe('by method and Idempotency-Key', () => {
    let network: AngularNetwork;

    beforeEach(() => {
      network = angularNetwork(503);
    });

    for (const method of ['POST', 'PATCH']) {
      it(`sends ${method} once`, async () => {
        await settled(retryingHttp(soon, [network.interceptor]).request(method, url, { body: 'tea' }));

        expect(network.requests.length).toBe(1);
      });
    }

    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'get']) {
      it(`retries ${method}`, async () => {
        await settled(retryingHttp(soon, [network.interceptor]).request(method, url));

        expect(network.requests.length).toBe(3);
      });
    }

    it('retries a POST that has an Idempotency-Key', async () => {
      await settled(
        retryingHttp(soon, [network.interceptor]).post(url, 'tea', { headers: { 'Idempotency-Key': 'k1' } }),
      );

      expect(network.requests.map(({ headers, body }) => [headers.get('idempotency-key'), body])).toEqual(
        Array(3).fill(['k1', 'tea']),
      );
    });

    it('retries a method that the strategy lists', async () => {
      await settled(retryingHttp({ ...soon, methods: ['post'] }, [network.interceptor]).post(url, 'tea'));

      expect(network.requests.length).toBe(3);
    });
  });

  it('runs the interceptors after it again for each attempt', async () => {
    let tokens = 0;
    const withToken: HttpInterceptorFn = (request, next) =>
      next(request.clone({ setHeaders: { authorization: `Bearer ${String((tokens += 1))}` } }));
    const network = angularNetwork(503, 503, 200);
    await settled(retryingHttp(soon, [withToken, network.interceptor]).get(url));

    expect(network.requests.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer 1',
      'Bearer 2',
      'Bearer 3',
    ]);
  });

  it('keeps an effect that sends a request independent of the signals that interceptors read', async () => {
    const token = signal('a');
    const readsSignal: HttpInterceptorFn = (request, next) =>
      next(request.clone({ setHeaders: { 'x-token': token() } }));
    const network = angularNetwork(200);
    const http = retryingHttp(soon, [readsSignal, network.interceptor]);
    injected(() =>
      effect(() => {
        http.get(url).subscribe();
      }),
    );
    TestBed.tick();
    token.set('b');
    TestBed.tick();
    await Promise.resolve();

    expect(network.requests.length).toBe(1);
  });

  describe('with observe: events', () => {
    const progress = (loaded: number): HttpEvent<unknown> => ({ type: HttpEventType.DownloadProgress, loaded });
    const failing = (...events: HttpEvent<unknown>[]): Observable<HttpEvent<unknown>> =>
      new Observable((subscriber) => {
        for (const event of events) subscriber.next(event);
        subscriber.error(new HttpErrorResponse({ status: 0 }));
      });

    it('passes the events of every attempt, and one response', async () => {
      const network = angularNetwork(
        failing(progress(1), progress(2)),
        of(progress(1), new HttpResponse({ body: 'whole' })),
      );
      const { values } = await settled(
        retryingHttp(soon, [network.interceptor]).get(url, { observe: 'events', reportDownloadProgress: true }),
      );

      expect(values.map(({ type }) => HttpEventType[type])).toEqual([
        'Sent',
        'DownloadProgress',
        'DownloadProgress',
        'Sent',
        'DownloadProgress',
        'Response',
      ]);
    });

    it('calls shouldRetry with the response only, and emits no value event for other events', async () => {
      const kinds: string[] = [];
      const strategy: HttpRetryStrategy = {
        ...soon,
        shouldRetry: ({ kind }) => {
          kinds.push(kind);
          return undefined;
        },
      };
      const network = angularNetwork(failing(progress(1)), of(progress(1), new HttpResponse({ body: 'whole' })));
      const http = retryingHttp(strategy, [network.interceptor]);
      const events = listen(injected(() => injectAttempts()));
      await settled(http.get(url, { observe: 'events' }));

      expect(kinds).toEqual(['error', 'value']);
      expect(plot(events)).toEqual(['start 1', 'retry 1', 'start 2', 'response 2', 'value 2', 'success 2']);
    });

    it('does not reset the attempts on progress, even with resetOnSuccess', async () => {
      const network = angularNetwork(failing(progress(1)));
      await settled(
        retryingHttp({ ...soon, attempts: 4, resetOnSuccess: true }, [network.interceptor]).get(url, {
          observe: 'events',
        }),
      );

      expect(network.requests.length).toBe(4);
    });

    it("emits 'cancel' if the consumer unsubscribes after progress", () => {
      const network = angularNetwork(
        new Observable<HttpEvent<unknown>>((subscriber) => {
          subscriber.next(progress(1));
        }),
      );
      const http = retryingHttp(soon, [network.interceptor]);
      const events = listen(injected(() => injectAttempts()));
      http.get(url, { observe: 'events' }).subscribe().unsubscribe();

      expect(plot(events)).toEqual(['start 1', 'cancel 1']);
    });
  });

  it('cancels the attempt on unsubscribe', () => {
    let running = 0;
    const network = angularNetwork(
      new Observable<never>(() => {
        running += 1;
        return () => {
          running -= 1;
        };
      }),
    );
    const subscription = retryingHttp(soon, [network.interceptor]).get(url).subscribe();

    expect(running).toBe(1);

    subscription.unsubscribe();

    expect(running).toBe(0);
  });

  it('cancels the wait on unsubscribe', () => {
    inVirtualTime(({ flush }) => {
      const network = angularNetwork(503);
      const http = retryingHttp({ backoff: constant(10) }, [network.interceptor]);
      const events = listen(injected(() => injectAttempts()));
      const subscription = http.get(url).subscribe();
      timer(15).subscribe(() => {
        subscription.unsubscribe();
      });
      flush();

      expect(network.requests.length).toBe(2);
      expect(plot(events)).toEqual([
        'start 1',
        'response 1',
        'retry 1',
        'start 2',
        'response 2',
        'retry 2',
        'cancel 2',
      ]);
    });
  });

  it('cancels waits and attempts, and completes their requests, when the app ends', () => {
    inVirtualTime(({ flush }) => {
      const network = angularNetwork(503);
      const http = retryingHttp({ backoff: constant(10) }, [network.interceptor]);
      const events = listen(injected(() => injectAttempts()));
      const { lines } = watch(http.get(url));
      timer(5).subscribe(() => {
        TestBed.resetTestingModule();
      });
      flush();

      expect(lines).toEqual(['5 complete']);
      expect(network.requests.length).toBe(1);
      expect(plot(events)).toEqual(['start 1', 'response 1', 'retry 1', 'cancel 1']);
    });
  });

  it('counts the attempts of each subscription separately', async () => {
    const network = angularNetwork(503);
    const request = retryingHttp(soon, [network.interceptor]).get(url);
    await Promise.all([settled(request), settled(request)]);

    expect(network.requests.length).toBe(6);
  });

  it('throws for a bad strategy where it is passed', () => {
    expectRefusal(() => retryInterceptor({ attempts: 0 }), [RangeError], 'strategy.attempts', '0');
    expectRefusal(() => retryInterceptor({ maxServerWait: -1 }), [RangeError], 'strategy.maxServerWait', '-1');
    expectRefusal(
      () => retryInterceptor({ maxServerWait: '1' as never }),
      [TypeError],
      'strategy.maxServerWait',
      "'1'",
    );
    expectRefusal(() => retryInterceptor(5 as never), [TypeError], 'strategy', '5');
    expectRefusal(() => retryInterceptor({ retries: 3 } as never), [TypeError], 'strategy.retries');
  });

  describe('over a real network', () => {
    let api: TestServer;

    beforeAll(async () => {
      api = await testServer();
    });

    afterAll(() => api.close());

    it('retries a status, and emits the JSON', async () => {
      const http = retryingHttp(soon);

      expect(
        await only(http.get<{ tea: string }>(api.url('status', [{ status: 503 }, { json: { tea: 'green' } }]))),
      ).toEqual({ tea: 'green' });
    });

    for (const cut of ['before-headers', 'in-headers', 'in-body'] as const) {
      it(`retries a connection that is cut ${cut}`, async () => {
        const http = retryingHttp(soon);
        const body = await only(
          http.get(api.url(cut, [{ cut, body: 'broken' }, { body: 'whole' }]), { responseType: 'text' }),
        );

        expect(body).toBe('whole');
      });
    }

    it("retries an attempt that takes longer than Angular's timeout", async () => {
      const http = retryingHttp(soon);
      const target = api.url('timeout', [{ stall: 'headers' }, { body: 'whole' }]);

      expect(await only(http.get(target, { responseType: 'text', timeout: 400 }))).toBe('whole');
      expect((await api.ended('timeout')).aborted).toBeTrue();
    });

    it('reports the progress of every attempt', async () => {
      const http = retryingHttp(soon);
      const target = api.url('progress', [{ cut: 'in-body', body: '0123456789' }, { body: '0123456789' }]);
      const { values } = await settled(
        http.get(target, { responseType: 'text', observe: 'events', reportDownloadProgress: true }),
      );
      const types = values.map(({ type }) => type);

      expect(types.filter((type) => type === HttpEventType.Sent).length).toBe(2);
      expect(types.indexOf(HttpEventType.DownloadProgress)).toBeGreaterThan(types.indexOf(HttpEventType.Sent));
      expect(types.at(-1)).toBe(HttpEventType.Response);
    });

    it('waits for Retry-After of another origin too', async () => {
      const http = retryingHttp(soon);
      await only(
        http.get(api.otherUrl('retry-after', [{ status: 503, headers: { 'Retry-After': '1' } }, { body: 'ok' }]), {
          responseType: 'text',
        }),
      );
      const [first, second] = await api.requests('retry-after');

      expect(second!.at - first!.at).toBeGreaterThan(900);
    });

    it('aborts the attempt on unsubscribe, and sends no more', async () => {
      const http = retryingHttp(soon);
      const subscription = http.get(api.url('leave', { stall: 'headers' })).subscribe();
      await api.received('leave');
      subscription.unsubscribe();

      expect((await api.ended('leave')).aborted).toBeTrue();
      expect((await api.requests('leave')).length).toBe(1);
    });

    it('emits events for every attempt, with its URL and without its password', async () => {
      const http = retryingHttp(soon);
      const events = listen(injected(() => injectAttempts()));
      const target = api.url('events', [{ status: 503 }, { json: 1 }]);
      await only(http.get(target));

      expect(plot(events)).toEqual([
        'start 1',
        'response 1',
        'retry 1',
        'start 2',
        'response 2',
        'value 2',
        'success 2',
      ]);
      expect(findSequenceViolation(events)).toBeUndefined();
      expect(events.map(({ attempt }) => `${attempt.method} ${attempt.url}`)).toEqual(
        Array(7).fill(`GET ${new URL(target).href}`),
      );
    });

    it('is bypassed by a request with retryContext(false)', async () => {
      const http = retryingHttp(soon);
      const events = listen(injected(() => injectAttempts()));
      await settled(
        http.get(api.url('off', [{ status: 503 }, { json: 1 }]), {
          context: retryContext(false),
          headers: new HttpHeaders(),
        }),
      );

      expect((await api.requests('off')).length).toBe(1);
      expect(events).toEqual([]);
    });
  });
});
