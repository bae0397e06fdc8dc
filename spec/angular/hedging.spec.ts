import '@angular/compiler';

import {
  HttpClient,
  HttpErrorResponse,
  type HttpEvent,
  HttpEventType,
  type HttpInterceptorFn,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
} from '@angular/common/http';
import { TestBed } from '@angular/core/testing';
import { asyncScheduler, catchError, concat, delay, finalize, map, merge, NEVER, Observable, of, timer } from 'rxjs';

import { type HttpRetryStrategy, injectAttempts, retryContext, retryInterceptor } from '../../src/angular/index.js';
import { constant, defineGate, type GateAttempt, hedging } from '../../src/index.js';
import { app, injected } from '../support/angular-app.js';
import { findSequenceViolation, listen, plot } from '../support/attempt-events.js';
import { watch } from '../support/event-log.js';
import { inVirtualTime } from '../support/virtual-time.js';

const url = 'http://eu.test/users';
const urls = [url, 'http://us.test/users'] as const;
type Answer = Observable<HttpEvent<unknown>>;

const after = (ms: number, status = 200): Answer =>
  timer(ms).pipe(
    map(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- Angular's own is not an Error
      if (status >= 400) throw new HttpErrorResponse({ status, url });
      return new HttpResponse({ status, body: status, url });
    }),
  );
const silence: Answer = NEVER;

/** An app whose requests are hedged after 10 frames, to two URLs; the n-th sending gets the n-th answer. */
function play(
  answers: readonly Answer[],
  request: (http: HttpClient) => Observable<unknown> = (http) =>
    http.get(url, { context: retryContext({ urls: [...urls] }) }),
  strategy: HttpRetryStrategy = {},
  then: (watched: ReturnType<typeof watch>) => void = () => undefined,
): { readonly lines: string[]; readonly events: string[]; readonly open: number; readonly tokens: string[] } {
  return inVirtualTime(({ flush }) => {
    const lines: string[] = [];
    const tokens: string[] = [];
    let sendings = 0;
    let open = 0;
    const token: HttpInterceptorFn = (sent, next) => {
      sendings += 1;
      return next(sent.clone({ setHeaders: { authorization: `token ${String(sendings)}` } }));
    };
    const network: HttpInterceptorFn = (sent) =>
      new Observable((output) => {
        const host = new URL(sent.url).host.replace('.test', '');
        tokens.push(sent.headers.get('authorization')!);
        lines.push(`${String(asyncScheduler.now())} sent ${host}`);
        open += 1;
        return answers[Math.min(sendings, answers.length) - 1]!.pipe(
          finalize(() => {
            open -= 1;
          }),
        ).subscribe(output);
      });
    app(
      provideHttpClient(
        withInterceptors([
          retryInterceptor({ hedge: hedging({ after: 10 }), backoff: constant(5), ...strategy }),
          token,
          network,
        ]),
      ),
    );
    const http = TestBed.inject(HttpClient);
    const attempts = injected(injectAttempts);
    const events = listen(attempts);
    const watched = watch(
      request(http).pipe(
        catchError((error: unknown) => {
          throw new Error(`status ${String((error as HttpErrorResponse).status)}`);
        }),
      ),
      String,
      lines,
    );
    then(watched);
    flush();
    expect(findSequenceViolation(events)).toBeUndefined();
    TestBed.resetTestingModule();
    return { lines, events: plot(events), open, tokens };
  });
}

describe('retryInterceptor() with hedge', () => {
  it('sends a request once more after a while, through the interceptors; the first response wins', () => {
    const { lines, events, open, tokens } = play([silence, after(5)]);

    expect(lines).toEqual(['0 sent eu', '10 sent us', '15 200', '15 complete']);
    expect(events).toEqual(['start 1', 'hedge 1', 'response 1', 'value 1', 'success 1']);
    expect(open).toBe(0);
    expect(tokens).toEqual(['token 1', 'token 2']);
    expect(play([after(12), silence]).lines).toEqual(['0 sent eu', '10 sent us', '12 200', '12 complete']);
    expect(play([after(9), silence]).lines).toEqual(['0 sent eu', '9 200', '9 complete']);
  });

  it('sends the next at once when one fails, and retries when all have', () => {
    expect(play([after(3, 503), after(5)]).lines).toEqual(['0 sent eu', '3 sent us', '8 200', '8 complete']);
    const { lines, events } = play([after(3, 503), after(5, 500), after(1)]);
    expect(lines).toEqual(['0 sent eu', '3 sent us', '13 sent eu', '14 200', '14 complete']);
    expect(events).toEqual([
      'start 1',
      'hedge 1',
      'response 1',
      'retry 1',
      'start 2',
      'response 2',
      'value 2',
      'success 2',
    ]);
  });

  it("ends with the first's error if all have failed", () => {
    const { lines } = play([after(20, 503), after(5, 500)], undefined, { attempts: 1 });
    expect(lines.length).toBe(3);
    expect(lines[2]).toMatch(/^20 error: status 503/);
  });

  it('has an error win that is not retried', () => {
    expect(play([silence, after(5, 404)]).lines[2]).toMatch(/^15 error: status 404/);
  });

  it('passes the progress of the first sending alone', () => {
    const progress = (loaded: number, answer: Answer): Answer =>
      concat(
        of<HttpEvent<unknown>>({ type: HttpEventType.Sent }),
        of<HttpEvent<unknown>>({ type: HttpEventType.UploadProgress, loaded }).pipe(delay(2)),
        answer,
      );
    const { lines } = play([progress(1, silence), progress(2, after(5))], (http) =>
      http
        .put(url, 'body', { observe: 'events', reportUploadProgress: true, context: retryContext({ urls: [...urls] }) })
        .pipe(
          map((event) =>
            event.type === HttpEventType.Response
              ? `response ${String(event.status)}`
              : `${HttpEventType[event.type]} ${String((event as { loaded?: number }).loaded ?? '')}`.trim(),
          ),
        ),
    );
    expect(lines).toEqual([
      '0 sent eu',
      '0 Sent',
      '2 UploadProgress 1',
      '10 sent us',
      '17 response 200',
      '17 complete',
    ]);
  });

  it('cancels both when the request is unsubscribed', () => {
    const { lines, open, events } = play([silence], undefined, {}, ({ subscription }) => {
      timer(12).subscribe(() => {
        subscription.unsubscribe();
      });
    });
    expect(lines).toEqual(['0 sent eu', '10 sent us']);
    expect(open).toBe(0);
    expect(events).toEqual(['start 1', 'hedge 1', 'cancel 1']);
  });

  it('hedges no POST, unless `methods` lists it, or it has a key', () => {
    const sent = (strategy: HttpRetryStrategy, headers: Record<string, string> = {}): number =>
      play(
        [after(30)],
        (http) => http.post(url, 'order', { headers, context: retryContext({ urls: [...urls] }) }),
        strategy,
      ).lines.filter((line) => line.includes('sent')).length;
    expect(sent({})).toBe(1);
    expect(sent({ methods: ['POST'] })).toBe(2);
    expect(sent({}, { 'Idempotency-Key': 'a' })).toBe(2);
  });

  it('counts the values of the winner alone, if interceptors emit more than one response', () => {
    const twice = (first: number, second: number, status: number): Answer =>
      merge(after(first, status), after(second, status + 1));
    const events = (http: HttpClient) =>
      http
        .get(url, { observe: 'response', context: retryContext({ urls: [...urls] }) })
        .pipe(map(({ status }) => status));
    expect(play([silence, twice(5, 8, 200)], events).lines.slice(2)).toEqual(['15 200', '18 201', '18 complete']);
    expect(play([twice(12, 40, 200), silence], events).lines.slice(2)).toEqual(['12 200', '40 201', '40 complete']);
    expect(play([silence, merge(after(5), after(8, 404))], events).lines.slice(2)).toEqual([
      '15 200',
      '18 error: status 404',
    ]);
    // The first fails by its value, and emits another afterwards.
    const statuses: HttpRetryStrategy = { statuses: [202] };
    expect(play([twice(12, 14, 202), after(10, 200)], events, statuses).lines.slice(2)).toEqual([
      '20 200',
      '20 complete',
    ]);
    // The same while shouldRetry decides.
    const slow: HttpRetryStrategy = { shouldRetry: () => of(false).pipe(delay(4)) };
    expect(play([silence, twice(5, 6, 200)], events, slow).lines.slice(2)).toEqual(['19 200', '23 201', '23 complete']);
  });

  it('holds a lease of each sending until it is over', () => {
    const held = new Set<GateAttempt>();
    const sizes: number[] = [];
    const gate = defineGate({
      name: 'lease',
      admit: (attempt) =>
        new Observable((output) => {
          held.add(attempt);
          sizes.push(held.size);
          output.next(attempt);
          return () => held.delete(attempt);
        }),
    });
    play([silence, after(5)], undefined, { gates: [gate] });
    expect(sizes).toEqual([1, 2]);
    expect(held.size).toBe(0);
  });

  it('asks shouldRetry about no other response of a sending that has failed', () => {
    const asked: number[] = [];
    const strategy: HttpRetryStrategy = {
      shouldRetry: (outcome) => {
        const { status } = (outcome as { value: HttpResponse<unknown> }).value;
        asked.push(status);
        return of(status === 201).pipe(delay(4));
      },
    };
    const { lines } = play([merge(after(2, 201), after(3, 202)), after(9, 203)], undefined, strategy);
    expect(lines).toEqual(['0 sent eu', '6 sent us', '19 203', '19 complete']);
    expect(asked).toEqual([201, 203]);
  });

  it('sends the next after a while, whatever a sending that has failed emits meanwhile', () => {
    const twice = merge(after(2, 202), after(6, 200));
    const { lines } = play([twice, silence, after(1)], undefined, {
      statuses: [202],
      hedge: hedging({ after: 10, max: 2 }),
    });
    expect(lines).toEqual(['0 sent eu', '2 sent us', '12 sent eu', '13 200', '13 complete']);
  });

  it('sends no hedge if an interceptor ends the request about it', () => {
    inVirtualTime(({ flush }) => {
      const sent: string[] = [];
      let calls = 0;
      const leave: HttpInterceptorFn = (request, next) => {
        calls += 1;
        if (calls === 2) subscription.unsubscribe();
        return next(request);
      };
      const network: HttpInterceptorFn = ({ url: to }) =>
        new Observable(() => {
          sent.push(to);
        });
      app(provideHttpClient(withInterceptors([retryInterceptor({ hedge: hedging({ after: 10 }) }), leave, network])));
      const subscription = TestBed.inject(HttpClient).get(url).subscribe();
      flush();
      expect([calls, sent.length]).toEqual([2, 1]);
    });
  });
});
