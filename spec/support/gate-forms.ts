import '@angular/compiler';

import { HttpErrorResponse, HttpResponse } from '@angular/common/http';
import { asyncScheduler, concatMap, defer, map, NEVER, type Observable, of, throwError, timer } from 'rxjs';

import {
  type AttemptEvent,
  defineGate,
  type Gate,
  type GateAttempt,
  type GateDefinition,
  HttpNetworkError,
  RetryClient,
  type RetryStrategy,
  retryWithStrategy,
} from '../../src/index.js';
import { retryingHttp } from './angular-app.js';
import { formatEvent } from './event-log.js';

/** What happens to a sending, after so many ms: it succeeds, it fails and may be retried, or nothing happens. */
export type Reply = `${'ok' | 'down'} ${number}` | 'silence';

/** Adds a line with the current frame: `3 sent`. */
export type Note = (text: string) => void;

/** A way to hand a strategy to requests. The request notes `sent` for each sending, and emits `ok`. */
export type Form = (strategy: RetryStrategy, note: Note, replies: readonly Reply[]) => Observable<unknown>;

export const url = 'http://a.test/';

/** Emits as the reply says. */
function play<T>(reply: Reply, value: T, error: () => unknown): Observable<T> {
  const [kind, ms] = reply.split(' ');
  if (kind === 'silence') return NEVER;
  const delay = Number(ms);
  const outcome$ = defer(() => (kind === 'ok' ? of(value) : throwError(error)));
  return delay === 0 ? outcome$ : timer(delay).pipe(concatMap(() => outcome$));
}

function clientOf(strategy: RetryStrategy, note: Note, replies: readonly Reply[]): RetryClient {
  let sent = 0;
  return new RetryClient({
    strategy,
    interceptors: [
      ({ attempt }) =>
        defer(() => {
          note('sent');
          const reply = replies[Math.min(sent++, replies.length - 1)] ?? 'ok 0';
          return play(reply, new Response('ok'), () => new HttpNetworkError({ attempt, summary: 'down' }));
        }),
    ],
  });
}

/** The ways to hand a strategy to requests, by name. */
export const forms: Readonly<Record<string, Form>> = {
  'the operator': (strategy, note, replies) => {
    let sent = 0;
    return defer(() => {
      note('sent');
      return play(replies[Math.min(sent++, replies.length - 1)] ?? 'ok 0', 'ok', () => new Error('down'));
    }).pipe(retryWithStrategy(strategy));
  },
  'a client': (strategy, note, replies) =>
    clientOf(strategy, note, replies)
      .get(url)
      .pipe(map(() => 'ok')),
  'one request': (strategy, note, replies) =>
    clientOf({}, note, replies)
      .get(url, { strategy })
      .pipe(map(() => 'ok')),
  'Angular’s interceptor': (strategy, note, replies) => {
    let sent = 0;
    const http = retryingHttp(strategy, [
      () =>
        defer(() => {
          note('sent');
          const reply = replies[Math.min(sent++, replies.length - 1)] ?? 'ok 0';
          return play(
            reply,
            new HttpResponse({ body: 'ok', url }),
            () => new HttpErrorResponse({ url, error: new TypeError('down') }),
          );
        }),
    ]);
    return http.get(url);
  },
};

/** Returns a list of lines, and a function that adds one with the current frame. */
export function notebook(): { readonly lines: string[]; readonly note: Note } {
  const lines: string[] = [];
  return { lines, note: (text) => void lines.push(`${String(asyncScheduler.now())} ${text}`) };
}

/** Subscribes, and notes the notifications: `ok`, `complete`, `GateRejectedError: …`. */
export function send(request$: Observable<unknown>, note: Note): ReturnType<Observable<unknown>['subscribe']> {
  return request$.subscribe({
    next: (value) => {
      note(String(value));
    },
    error: (error: unknown) => {
      note(`${(error as Error).name}: ${(error as Error).message}`);
    },
    complete: () => {
      note('complete');
    },
  });
}

/** A gate that notes what it hears, and what it lets in: `a: start 1/3`. */
export function noteGate(name: string, note: Note, definition: Partial<GateDefinition> = {}): Gate {
  return defineGate({
    name,
    ...definition,
    next: (event: AttemptEvent<unknown, GateAttempt>, memo) => {
      note(`${name}: ${withoutValue(event)}`);
      definition.next?.(event, memo);
    },
  });
}

/** Formats an event without values and errors, which differ from form to form. */
function withoutValue(event: AttemptEvent): string {
  return formatEvent(event)
    .replace(/ \(.*\)/, '')
    .replace(/^(value \d+) .* (\+[\d.]+)$/, '$1 $2');
}
