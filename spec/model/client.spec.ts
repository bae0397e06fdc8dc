import * as fc from 'fast-check';
import {
  concat,
  concatMap,
  defer,
  finalize,
  ignoreElements,
  map,
  NEVER,
  type Observable,
  of,
  Subject,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';

import {
  type AttemptEvent,
  type HttpAttempt,
  HttpNetworkError,
  HttpStatusError,
  HttpTimeoutError,
  type Outcome,
  RetryClient,
} from '../../src/index.js';
import { inSteps, type VirtualClock } from '../support/virtual-steps.js';
import { chance, dateHeader, growing, retryAfterHeader } from './arbitraries.js';
import { backoffOf } from './reference-backoff.js';
import { type Ending, type Reply, slowRequest, type Wish } from './reference-request.js';
import { A_BIT, expectSame, line } from './reference-run.js';

const URLS = ['http://a.test/1', 'http://a.test/2', 'http://b.test/1', 'http://c.test/1'];

const reply: fc.Arbitrary<Reply> = fc.record({
  after: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 })),
  answer: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        is: fc.constant('response' as const),
        status: fc.constantFrom(200, 204, 404, 408, 425, 429, 429, 500, 503, 503),
        retryAfter: fc.option(retryAfterHeader, { nil: undefined }),
        date: dateHeader,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        is: fc.constant('broken' as const),
        sent: fc.constantFrom(undefined, false as const),
        permanent: fc.constantFrom(undefined, true as const),
      }),
    },
    { weight: 1, arbitrary: fc.constantFrom({ is: 'bug' as const }, { is: 'silence' as const }) },
  ),
  reading: fc.record({
    values: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 3 }),
    after: fc.integer({ min: 0, max: 30 }),
    end: fc.constantFrom(
      'complete' as const,
      'complete' as const,
      'broken' as const,
      'bug' as const,
      'silence' as const,
    ),
  }),
});
const replies = fc.array(reply, { minLength: 1, maxLength: 6 });

const wild: fc.Arbitrary<Wish> = fc.record({
  method: fc.constantFrom('GET' as const, 'GET' as const, 'POST' as const),
  idempotencyKey: fc.boolean(),
  urls: fc.shuffledSubarray(URLS, { minLength: 1 }),
  attempts: fc.constantFrom(undefined, 1, 2, 3, 5, 8),
  schedule: growing,
  rotation: fc.constantFrom(undefined, 'cycle' as const, 'hold' as const),
  maxRetryAfter: fc.constantFrom(undefined, 0, 1_000, 61_000, Infinity),
  says: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.array(fc.constantFrom(true, false, undefined), { minLength: 1, maxLength: 4 }),
  ),
  throwHttpErrors: fc.constantFrom(undefined, true, false),
  selects: fc.boolean(),
  // No two of these ever fall together, whatever they are added to.
  timeout: fc.oneof(
    fc.constant(false as const),
    fc.integer({ min: 1, max: 60 }).map((ms) => ms + A_BIT / 4),
  ),
  totalTimeout: fc.oneof(
    { weight: 2, arbitrary: fc.constant(false as const) },
    fc.integer({ min: 1, max: 3_000 }).map((ms) => ms + A_BIT / 8),
  ),
  chance,
});

/** One with many places to turn to, where waits matter more than anything else. */
const turning: fc.Arbitrary<Wish> = fc
  .tuple(wild, fc.constantFrom(4, 8), fc.shuffledSubarray(URLS, { minLength: 2 }))
  .map(([one, attempts, urls]) => ({
    ...one,
    urls,
    attempts,
    method: 'GET',
    says: [],
    selects: false,
    timeout: false,
  }));
const wish = fc.oneof(wild, turning);

const ending: fc.Arbitrary<Ending> = fc.record({
  by: fc.constantFrom('leaving' as const, 'aborting' as const, 'closing' as const),
  at: fc.oneof(fc.constant(Infinity), fc.nat(100), fc.nat(3_000)).map((ms) => ms + A_BIT / 16),
});

interface Observed {
  /** What `attempts$` told. */
  readonly events: readonly string[];
  readonly output: readonly string[];
  readonly faults: readonly string[];
}

/** What is the network's own doing, told apart from what the client makes of it. */
class Bug extends Error {}

function observe(
  what: Wish,
  answers: readonly Reply[],
  { by, at }: Ending,
  form: 'value' | 'attempts',
  heard: boolean,
): Observed {
  const events: string[] = [];
  const output: string[] = [];
  const faults: string[] = [];
  const ids = new Set<string>();
  const context = { of: 'this request' };
  const controller = new AbortController();
  const left$ = new Subject<void>();
  let [sent, active, asked] = [0, 0, 0];
  let over = false;
  let left = false;
  let closed = 0;
  let [now, pending] = [(): number => 0, (): number => 0];

  const answerOf = ({ after, answer }: Reply, attempt: HttpAttempt): Observable<Response> => {
    const given = defer((): Observable<Response> => {
      switch (answer.is) {
        case 'silence':
          return NEVER;
        case 'bug':
          return throwError(() => new Bug('bug'));
        case 'broken':
          return throwError(
            () => new HttpNetworkError({ attempt, summary: 'broken', sent: answer.sent, permanent: answer.permanent }),
          );
        case 'response': {
          const { status, retryAfter, date } = answer;
          const headers = {
            ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
            ...(date !== undefined && { date }),
          };
          return of(new Response(null, { status, headers }));
        }
      }
    });
    return after === 0 ? given : timer(after).pipe(concatMap(() => given));
  };
  const client = new RetryClient({
    interceptors: [
      (request) =>
        defer(() => {
          const one = answers[Math.min(++sent, answers.length) - 1]!;
          active += 1;
          if (active > 1) faults.push('two attempts at once');
          if (over) faults.push('an attempt after the end');
          return answerOf(one, request.attempt).pipe(finalize(() => (active -= 1)));
        }),
    ],
  });
  const select = (_: Response, attempt: HttpAttempt): Observable<string> => {
    const { reading } = answers[Math.min(sent, answers.length) - 1]!;
    const wait = (ms: number): Observable<string> => (ms === 0 ? of('waited') : timer(ms).pipe(map(() => 'waited')));
    const end = defer((): Observable<string> => {
      if (reading.end === 'silence') return NEVER;
      if (reading.end === 'complete') return of();
      return throwError(() =>
        reading.end === 'bug' ? new Bug('bug') : new HttpNetworkError({ attempt, summary: 'broken', phase: 'body' }),
      );
    });
    return concat(
      ...reading.values.map((ms) => wait(ms).pipe(map(() => 'read'))),
      wait(reading.after).pipe(ignoreElements()),
      end,
    );
  };

  const nameError = (error: unknown): string => {
    if (error instanceof HttpTimeoutError) return error.scope === 'total' ? 'total' : 'silence';
    if (error instanceof HttpStatusError) return `status ${error.status}`;
    if (error instanceof HttpNetworkError) return 'broken';
    if (error instanceof Bug) return 'bug';
    if (error === controller.signal.reason && controller.signal.aborted) return 'aborting';
    return error instanceof DOMException && error.message === 'The client is closed' ? 'closing' : String(error);
  };
  const nameValue = (value: unknown): string => (value instanceof Response ? String(value.status) : String(value));
  const nameOutcome = (outcome: Outcome): string => {
    if (outcome.kind === 'error') return `error ${nameError(outcome.error)}`;
    return outcome.kind === 'response' ? `response ${outcome.response.status}` : `value ${nameValue(outcome.value)}`;
  };
  const tell = (event: AttemptEvent<unknown, HttpAttempt>): string => {
    const { attempt } = event;
    ids.add(attempt.requestId);
    if (attempt.context !== context) faults.push('another context');
    if (attempt.method !== what.method) faults.push('another method');
    const named = `${attempt.number}/${attempt.of} ${attempt.url}`;
    switch (event.type) {
      case 'start':
        if (attempt.startedAt !== now() || active !== 0) faults.push('a start too early');
        return line(now(), 'start', named);
      case 'value':
        return line(now(), 'value', named, nameValue(event.value), event.elapsed);
      case 'retry':
        if (active !== 0) faults.push('a retry before the attempt was left');
        return line(now(), 'retry', named, nameOutcome(event.outcome), event.elapsed, event.delay);
      case 'failure':
        return line(now(), 'failure', named, nameOutcome(event.outcome), event.elapsed, event.reason);
      default:
        return line(now(), event.type, named, event.elapsed);
    }
  };
  const note = (text: string, end: boolean): void => {
    if (over) faults.push(`after the end: ${text}`);
    output.push(text);
    over ||= end;
  };

  inSteps(
    (clock: VirtualClock) => {
      ({ now, pending } = clock);
      if (heard) {
        client.attempts$.subscribe({ next: (event) => events.push(tell(event)), complete: () => (closed += 1) });
      }
      const options = {
        headers: what.idempotencyKey ? { 'Idempotency-Key': '1' } : {},
        context,
        signal: controller.signal,
        throwHttpErrors: what.throwHttpErrors,
        timeout: what.timeout,
        totalTimeout: what.totalTimeout,
        selector: what.selects ? select : undefined,
        strategy: {
          attempts: what.attempts,
          backoff: backoffOf(what.schedule),
          rotation: what.rotation,
          maxRetryAfter: what.maxRetryAfter,
          shouldRetry: what.says.length > 0 ? () => what.says[Math.min(asked++, what.says.length - 1)] : undefined,
          random: () => what.chance,
        },
      };
      const told: Observable<unknown> = client.request(what.method, what.urls, { ...options, observe: form } as object);
      told.pipe(takeUntil(left$)).subscribe({
        next: (value) => {
          note(
            form === 'value' ? line(now(), nameValue(value)) : tell(value as AttemptEvent<unknown, HttpAttempt>),
            false,
          );
        },
        error: (error: unknown) => {
          note(line(now(), `error ${nameError(error)}`), true);
        },
        complete: () => {
          if (!left) note(line(now(), 'complete'), true);
        },
      });
      if (at !== Infinity) {
        timer(at).subscribe(() => {
          if (by === 'aborting') controller.abort(new Error('Enough.'));
          else if (by === 'closing') client.close();
          else if (!over) {
            left = true;
            left$.next();
            over = true;
          }
        });
      }
    },
    () => {
      const own = at !== Infinity && now() < at ? 1 : 0;
      if (over && active !== 0) faults.push('an attempt outlives the request');
      if (over && pending() > own) faults.push(`${pending()} actions are left when it is over`);
      return false;
    },
  );
  if (heard && closed !== (by === 'closing' && at !== Infinity ? 1 : 0)) {
    faults.push(`attempts$ completed ${closed} times`);
  }
  if (ids.size > 1) faults.push('several request ids');
  return { events, output, faults };
}

describe('RetryClient, whatever the request, the network and the moment of its end,', () => {
  it('comes to what a slow reading of its documents comes to, event by event and ms by ms', () => {
    fc.assert(
      fc.property(wish, replies, ending, (what, answers, end) => {
        const expected = slowRequest(what, answers, end);
        const observed = observe(what, answers, end, 'value', true);
        expectSame('the faults', observed.faults, []);
        expectSame('the events', observed.events, expected.events);
        expectSame('the output', observed.output, expected.output);
      }),
      { numRuns: 300 },
    );
  });

  it('gives its events in place of its values, the same as its listeners get until somebody leaves', () => {
    fc.assert(
      fc.property(wish, replies, ending, (what, answers, end) => {
        const expected = slowRequest(what, answers, end);
        const observed = observe(what, answers, end, 'attempts', true);
        expectSame('the faults', observed.faults, []);
        expectSame('the events', observed.events, expected.events);
        const ends = expected.output.filter((text) => / (?:error .*|complete)$/.test(text));
        const left = end.by === 'leaving' && ends.length === 0 && end.at !== Infinity;
        expectSame('the output', observed.output, [
          ...(left ? expected.events.slice(0, -1) : expected.events),
          ...ends,
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('does the same where nobody listens', () => {
    fc.assert(
      fc.property(wish, replies, ending, (what, answers, end) => {
        const observed = observe(what, answers, end, 'value', false);
        expectSame('the faults', observed.faults, []);
        expectSame('the output', observed.output, slowRequest(what, answers, end).output);
      }),
      { numRuns: 300 },
    );
  });
});
