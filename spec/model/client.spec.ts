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
import { runInSteps, type VirtualClock } from '../support/run-in-steps.js';
import { chance, dateHeader, growing, retryAfterHeader } from './arbitraries.js';
import { backoffOf } from './reference-backoff.js';
import { type Ending, type Reply, referenceRequest, type RequestSpec } from './reference-request.js';
import { INSTANT_MS, expectSameLines, formatLine } from './reference-run.js';

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

const anySpec: fc.Arbitrary<RequestSpec> = fc.record({
  method: fc.constantFrom('GET' as const, 'GET' as const, 'POST' as const),
  idempotencyKey: fc.boolean(),
  urls: fc.shuffledSubarray(URLS, { minLength: 1 }),
  attempts: fc.constantFrom(undefined, 1, 2, 3, 5, 8),
  schedule: growing,
  rotation: fc.constantFrom(undefined, 'cycle' as const, 'hold' as const),
  maxRetryAfter: fc.constantFrom(undefined, 0, 1_000, 61_000, Infinity),
  decisions: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.array(fc.constantFrom(true, false, undefined), { minLength: 1, maxLength: 4 }),
  ),
  throwHttpErrors: fc.constantFrom(undefined, true, false),
  hasSelector: fc.boolean(),
  // Fractions that make these times differ from all others, even as sums.
  timeout: fc.oneof(
    fc.constant(false as const),
    fc.integer({ min: 1, max: 60 }).map((ms) => ms + INSTANT_MS / 4),
  ),
  totalTimeout: fc.oneof(
    { weight: 2, arbitrary: fc.constant(false as const) },
    fc.integer({ min: 1, max: 3_000 }).map((ms) => ms + INSTANT_MS / 8),
  ),
  chance,
});

/** A request with several URLs and only delays, to exercise the rotation. */
const rotatingSpec: fc.Arbitrary<RequestSpec> = fc
  .tuple(anySpec, fc.constantFrom(4, 8), fc.shuffledSubarray(URLS, { minLength: 2 }))
  .map(([spec, attempts, urls]) => ({
    ...spec,
    urls,
    attempts,
    method: 'GET',
    decisions: [],
    hasSelector: false,
    timeout: false,
  }));
const requestSpec = fc.oneof(anySpec, rotatingSpec);

const ending: fc.Arbitrary<Ending> = fc.record({
  by: fc.constantFrom('unsubscribing' as const, 'aborting' as const, 'closing' as const),
  at: fc.oneof(fc.constant(Infinity), fc.nat(100), fc.nat(3_000)).map((ms) => ms + INSTANT_MS / 16),
});

interface Observed {
  /** The events of `attempts$`. */
  readonly events: readonly string[];
  readonly output: readonly string[];
  readonly faults: readonly string[];
}

/** An error of the network that the client must pass on unchanged. */
class Bug extends Error {}

function observe(
  spec: RequestSpec,
  answers: readonly Reply[],
  { by, at }: Ending,
  form: 'value' | 'attempts',
  hasListener: boolean,
): Observed {
  const events: string[] = [];
  const output: string[] = [];
  const faults: string[] = [];
  const ids = new Set<string>();
  const context = { of: 'this request' };
  const controller = new AbortController();
  const left$ = new Subject<void>();
  let [sent, active, outcomes] = [0, 0, 0];
  let over = false;
  let left = false;
  let closed = 0;
  let [now, pending] = [(): number => 0, (): number => 0];

  const answerOf = ({ after, answer }: Reply, attempt: HttpAttempt): Observable<Response> => {
    const answer$ = defer((): Observable<Response> => {
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
    return after === 0 ? answer$ : timer(after).pipe(concatMap(() => answer$));
  };
  const client = new RetryClient({
    interceptors: [
      (request) =>
        defer(() => {
          const reply = answers[Math.min(++sent, answers.length) - 1]!;
          active += 1;
          if (active > 1) faults.push('two attempts at once');
          if (over) faults.push('an attempt after the end');
          return answerOf(reply, request.attempt).pipe(finalize(() => (active -= 1)));
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
  const formatEvent = (event: AttemptEvent<unknown, HttpAttempt>): string => {
    const { attempt } = event;
    ids.add(attempt.requestId);
    if (attempt.context !== context) faults.push('a different context');
    if (attempt.method !== spec.method) faults.push('a different method');
    const attemptName = `${attempt.number}/${attempt.of} ${attempt.url}`;
    switch (event.type) {
      case 'start':
        if (attempt.startedAt !== now() || active !== 0) faults.push('a start too early');
        return formatLine(now(), 'start', attemptName);
      case 'value':
        return formatLine(now(), 'value', attemptName, nameValue(event.value), event.elapsed);
      case 'retry':
        if (active !== 0) faults.push('a retry before the attempt was left');
        return formatLine(now(), 'retry', attemptName, nameOutcome(event.outcome), event.elapsed, event.delay);
      case 'failure':
        return formatLine(now(), 'failure', attemptName, nameOutcome(event.outcome), event.elapsed, event.reason);
      case 'response':
        if (event.url !== attempt.url) faults.push('a response of another URL');
        return formatLine(now(), 'response', attemptName, nameValue(event.response), event.elapsed);
      case 'hold':
      case 'hedge':
        faults.push(`${event.type} without gates`);
        return event.type;
      default:
        return formatLine(now(), event.type, attemptName, event.elapsed);
    }
  };
  const note = (text: string, end: boolean): void => {
    if (over) faults.push(`after the end: ${text}`);
    output.push(text);
    over ||= end;
  };

  runInSteps(
    (clock: VirtualClock) => {
      ({ now, pending } = clock);
      if (hasListener) {
        client.attempts$.subscribe({ next: (event) => events.push(formatEvent(event)), complete: () => (closed += 1) });
      }
      const options = {
        headers: spec.idempotencyKey ? { 'Idempotency-Key': '1' } : {},
        context,
        signal: controller.signal,
        throwHttpErrors: spec.throwHttpErrors,
        timeout: spec.timeout,
        totalTimeout: spec.totalTimeout,
        selector: spec.hasSelector ? select : undefined,
        strategy: {
          attempts: spec.attempts,
          backoff: backoffOf(spec.schedule),
          rotation: spec.rotation,
          maxRetryAfter: spec.maxRetryAfter,
          shouldRetry:
            spec.decisions.length > 0
              ? () => spec.decisions[Math.min(outcomes++, spec.decisions.length - 1)]
              : undefined,
          random: () => spec.chance,
        },
      };
      const request$: Observable<unknown> = client.request(spec.method, spec.urls, {
        ...options,
        observe: form,
      } as object);
      request$.pipe(takeUntil(left$)).subscribe({
        next: (value) => {
          note(
            form === 'value'
              ? formatLine(now(), nameValue(value))
              : formatEvent(value as AttemptEvent<unknown, HttpAttempt>),
            false,
          );
        },
        error: (error: unknown) => {
          note(formatLine(now(), `error ${nameError(error)}`), true);
        },
        complete: () => {
          if (!left) note(formatLine(now(), 'complete'), true);
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
      const ownTimers = at !== Infinity && now() < at ? 1 : 0;
      if (over && active !== 0) faults.push('an attempt outlives the request');
      if (over && pending() > ownTimers) faults.push(`${pending()} actions are left when it is over`);
      return false;
    },
  );
  if (hasListener && closed !== (by === 'closing' && at !== Infinity ? 1 : 0)) {
    faults.push(`attempts$ completed ${closed} times`);
  }
  if (ids.size > 1) faults.push('several request ids');
  return { events, output, faults };
}

describe('RetryClient, with any request, any network and any time of its end,', () => {
  it('emits the events and values of the reference implementation, at the same times', () => {
    fc.assert(
      fc.property(requestSpec, replies, ending, (spec, answers, end) => {
        const expected = referenceRequest(spec, answers, end);
        const observed = observe(spec, answers, end, 'value', true);
        expectSameLines('the faults', observed.faults, []);
        expectSameLines('the events', observed.events, expected.events);
        expectSameLines('the output', observed.output, expected.output);
      }),
      { numRuns: 300 },
    );
  });

  it('emits with observe: attempts the same events as attempts$, until an unsubscription', () => {
    fc.assert(
      fc.property(requestSpec, replies, ending, (spec, answers, end) => {
        const expected = referenceRequest(spec, answers, end);
        const observed = observe(spec, answers, end, 'attempts', true);
        expectSameLines('the faults', observed.faults, []);
        expectSameLines('the events', observed.events, expected.events);
        const ends = expected.output.filter((text) => / (?:error .*|complete)$/.test(text));
        const left = end.by === 'unsubscribing' && ends.length === 0 && end.at !== Infinity;
        expectSameLines('the output', observed.output, [
          ...(left ? expected.events.slice(0, -1) : expected.events),
          ...ends,
        ]);
      }),
      { numRuns: 300 },
    );
  });

  it('emits the same values without a listener of attempts$', () => {
    fc.assert(
      fc.property(requestSpec, replies, ending, (spec, answers, end) => {
        const observed = observe(spec, answers, end, 'value', false);
        expectSameLines('the faults', observed.faults, []);
        expectSameLines('the output', observed.output, referenceRequest(spec, answers, end).output);
      }),
      { numRuns: 300 },
    );
  });
});
