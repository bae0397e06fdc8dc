import {
  asyncScheduler,
  defer,
  map,
  mergeMap,
  NEVER,
  type Observable,
  Subject,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';

import {
  circuitBreaker,
  type CircuitBreaker,
  type CircuitBreakerOptions,
  constant,
  retryWithStrategy,
  type RetryStrategy,
} from '../../src/index.js';
import { formatEvent } from './event-log.js';

/** What a server does with one attempt: it answers after so many ms, fails after so many, or says nothing. */
export type Reply = `answers ${number}` | `fails ${number}` | 'hangs';

/** Makes a source of a reply. */
export function reply(text: Reply): Observable<string> {
  const [kind, ms = 0] = text.split(' ');
  if (kind === 'hangs') return NEVER;
  return timer(Number(ms)).pipe(
    kind === 'answers' ? map(() => 'ok') : mergeMap(() => throwError(() => new Error('down'))),
  );
}

/** A breaker, and requests that use it, in virtual time. */
export interface CircuitBench {
  readonly breaker: CircuitBreaker;
  /** The events of all requests and what `note` was given, with their frame: `3 a start 1/2`. */
  readonly lines: string[];
  readonly note: (text: string) => void;
  /** Starts a request. The n-th reply is that to its n-th attempt. Returns what unsubscribes from it. */
  readonly request: (name: string, replies: readonly Reply[], strategy?: RetryStrategy) => () => void;
  /** Calls a function at a frame. */
  readonly at: (frame: number, call: () => void) => void;
  /** Returns the state of the circuit, and the rest of its break. */
  readonly state: () => string;
  /** Returns what was logged since the last call. */
  readonly take: () => string[];
}

/**
 * Makes a breaker that opens at the first failure, for 100 ms. Its requests retry at once, twice in all, and add
 * nothing random to delays.
 */
export function circuitBench(options: CircuitBreakerOptions = {}): CircuitBench {
  const breaker = circuitBreaker({ minimumThroughput: 1, breakDuration: 100, ...options });
  const lines: string[] = [];
  const note = (text: string): void => {
    lines.push(`${String(asyncScheduler.now())} ${text}`);
  };
  return {
    breaker,
    lines,
    note,
    request(name, replies, strategy = {}) {
      let sent = 0;
      const source = defer(() => reply(replies[sent++] ?? 'hangs'));
      const leave$ = new Subject<void>();
      source
        .pipe(
          retryWithStrategy(
            { attempts: replies.length, backoff: constant(0), random: () => 0, gates: [breaker], ...strategy },
            { observe: 'attempts' },
          ),
          takeUntil(leave$),
        )
        .subscribe({
          next: (event) => {
            note(`${name} ${formatEvent(event)}`);
          },
          error: () => undefined,
        });
      return () => {
        leave$.next();
      };
    },
    at(frame, call) {
      timer(frame - asyncScheduler.now()).subscribe(call);
    },
    state() {
      const { state, retryAfter } = breaker.snapshot('all');
      return retryAfter > 0 ? `${state} ${String(retryAfter)}` : state;
    },
    take: () => lines.splice(0),
  };
}
