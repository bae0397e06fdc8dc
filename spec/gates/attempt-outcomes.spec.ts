import { throwError } from 'rxjs';

import { isServerAnswer, isServerFailure, outcomeOf } from '../../src/gates/attempt-outcomes.js';
import {
  type AttemptEvent,
  defineGate,
  HttpNetworkError,
  HttpStatusError,
  HttpTimeoutError,
  type Outcome,
  RetryClient,
} from '../../src/index.js';
import type { GateAttempt } from '../../src/retry/gate.js';
import { HttpErrorResponse, HttpResponse } from '../support/look-alikes.js';
import { network } from '../support/scripted-network.js';
import { marbles } from '../support/virtual-time.js';

const bare: GateAttempt = { number: 1, of: 3, requestId: 'r', startedAt: 0 };
const http = { ...bare, method: 'GET', url: 'http://a.test/', context: {} };
const named = (name: string): Error => Object.assign(new Error(name), { name });
const response = (status: number): Response => new Response(null, { status });
const errorOutcome = (error: unknown, attempt: GateAttempt = bare): Outcome => ({ attempt, kind: 'error', error });
const network$ = new HttpNetworkError({ attempt: http, summary: 'down' });
const timeout = (scope: 'attempt' | 'total'): HttpTimeoutError =>
  new HttpTimeoutError({ attempt: http, scope, limit: 1 });

const failure = (
  outcome: Outcome,
  reason: Extract<AttemptEvent, { type: 'failure' }>['reason'],
): AttemptEvent<unknown, GateAttempt> => ({ type: 'failure', attempt: bare, outcome, elapsed: 1, total: 1, reason });

describe('The outcome of an attempt, as gates count it,', () => {
  const elapsed = 1;

  it('is told by response, value, retry, success and failure', () => {
    const down = errorOutcome(new Error('down'));
    expect(outcomeOf({ type: 'response', attempt: bare, response: response(200), url: '', elapsed })).toEqual({
      attempt: bare,
      kind: 'response',
      response: jasmine.any(Response) as unknown as Response,
    });
    expect(outcomeOf({ type: 'value', attempt: bare, value: 'a', elapsed })).toEqual({
      attempt: bare,
      kind: 'value',
      value: 'a',
    });
    expect(outcomeOf({ type: 'success', attempt: bare, elapsed, total: elapsed })).toEqual({
      attempt: bare,
      kind: 'value',
      value: undefined,
    });
    expect(outcomeOf({ type: 'retry', attempt: bare, outcome: down, elapsed, delay: 0 })).toBe(down);
    expect(outcomeOf(failure(down, 'permanent'))).toBe(down);
  });

  it('is not told by other events, cancel among them', () => {
    const others: readonly AttemptEvent<unknown, GateAttempt>[] = [
      { type: 'hold', attempt: bare, gate: 'limit' },
      { type: 'start', attempt: bare },
      { type: 'hedge', attempt: bare, url: '', elapsed },
      { type: 'cancel', attempt: bare, elapsed, total: elapsed },
    ];
    expect(others.map(outcomeOf)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('is nothing if the attempt was ended from outside', () => {
    expect(outcomeOf(failure(errorOutcome(network$), 'aborted'))).toBeUndefined();
    expect(outcomeOf(failure(errorOutcome(network$), 'closed'))).toBeUndefined();
    expect(outcomeOf(failure(errorOutcome(timeout('total')), 'deadline'))).toBeUndefined();
    for (const name of ['AbortError', 'CanceledError', 'GateRejectedError']) {
      expect(outcomeOf(failure(errorOutcome(named(name)), 'permanent'))).toBeUndefined();
      expect(
        outcomeOf({ type: 'retry', attempt: bare, outcome: errorOutcome(named(name)), elapsed, delay: 0 }),
      ).toBeUndefined();
    }
  });

  it('is the server’s if a deadline, or a gate, forbids a retry', () => {
    const failed = errorOutcome(timeout('attempt'));
    expect(outcomeOf(failure(failed, 'deadline'))).toBe(failed);
    expect(outcomeOf(failure(failed, 'rejected'))).toBe(failed);
    const answered: Outcome = { attempt: bare, kind: 'response', response: response(503) };
    expect(outcomeOf(failure(answered, 'retry-after'))).toBe(answered);
  });

  marbles('is heard by the gates of a request whose retry a budget refuses', ({ flush }) => {
    const heard: unknown[] = [];
    const counter = defineGate({ name: 'counter', next: (event) => heard.push(outcomeOf(event)) });
    const noRetries = defineGate({ name: 'no-retries', allowsRetry: () => false });
    const client = new RetryClient({
      interceptors: [network(throwError(() => network$)).interceptor],
      strategy: { gates: [counter, noRetries] },
    });
    client.get('http://a.test/').subscribe({ error: () => undefined });
    flush();
    expect(heard.filter(Boolean)).toEqual([jasmine.objectContaining({ kind: 'error', error: network$ })]);
  });
});

describe('isServerFailure', () => {
  it('is true for 500 and above, and false for all other answers', () => {
    const fails = (status: number): boolean =>
      isServerFailure({ attempt: http, kind: 'response', response: response(status) });
    expect([500, 503, 599].every(fails)).toBeTrue();
    expect([200, 302, 304, 400, 404, 408, 425, 429, 499].some(fails)).toBeFalse();
  });

  it('is true for a network error, and a timeout of the attempt', () => {
    expect(isServerFailure(errorOutcome(network$, http))).toBeTrue();
    expect(isServerFailure(errorOutcome(timeout('attempt'), http))).toBeTrue();
  });

  it('is false for every other error of a request', () => {
    expect(isServerFailure(errorOutcome(new Error('a bug'), http))).toBeFalse();
    expect(isServerFailure(errorOutcome(undefined, http))).toBeFalse();
    const parse = { attempt: http, kind: 'error', error: named('HttpParseError'), response: response(200) } as const;
    expect(isServerFailure(parse)).toBeFalse();
  });

  it('reads the status of an error, and of a value that is a response', () => {
    const status = (code: number): HttpStatusError => new HttpStatusError({ attempt: http, response: response(code) });
    expect(isServerFailure(errorOutcome(status(502), http))).toBeTrue();
    expect(isServerFailure(errorOutcome(status(404), http))).toBeFalse();
    expect(isServerFailure(errorOutcome(new HttpErrorResponse(503, {})))).toBeTrue();
    expect(isServerFailure(errorOutcome(new HttpErrorResponse(404, {})))).toBeFalse();
    expect(isServerFailure({ attempt: bare, kind: 'value', value: new HttpResponse('', 500, {}) })).toBeTrue();
  });

  it('takes a status of 0 for a network error, except that of an opaque response', () => {
    expect(isServerFailure(errorOutcome(new HttpErrorResponse(0, {})))).toBeTrue();
    expect(isServerFailure({ attempt: http, kind: 'response', response: Response.error() })).toBeTrue();
    for (const type of ['opaque', 'opaqueredirect']) {
      const opaque = Object.defineProperty(Response.error(), 'type', { value: type });
      expect(isServerFailure({ attempt: http, kind: 'response', response: opaque })).toBeFalse();
    }
  });

  it('is true, in the bare operator, for any error except an AbortError', () => {
    expect(isServerFailure(errorOutcome(new Error('down')))).toBeTrue();
    expect(isServerFailure(errorOutcome('down'))).toBeTrue();
    expect(isServerFailure(errorOutcome(named('AbortError')))).toBeFalse();
  });

  it('is false for a value', () => {
    expect(isServerFailure({ attempt: bare, kind: 'value', value: 'a' })).toBeFalse();
    expect(isServerFailure({ attempt: http, kind: 'value', value: { status: 500 } })).toBeFalse();
  });
});

describe('isServerAnswer', () => {
  it('is true for what the server sent', () => {
    expect(isServerAnswer({ attempt: http, kind: 'response', response: response(404) })).toBeTrue();
    expect(isServerAnswer({ attempt: http, kind: 'value', value: 'a' })).toBeTrue();
    expect(isServerAnswer(errorOutcome(new HttpErrorResponse(404, {}), http))).toBeTrue();
    const malformed = {
      attempt: http,
      kind: 'error',
      error: named('HttpParseError'),
      response: response(200),
    } as const;
    expect(isServerAnswer(malformed)).toBeTrue();
  });

  it('is true for any error of the bare operator: your isFailure has said that it is none', () => {
    expect(isServerAnswer(errorOutcome(new Error('no such row')))).toBeTrue();
  });

  it('is false for an error of a request that was not sent', () => {
    expect(isServerAnswer(errorOutcome(new Error('no session'), http))).toBeFalse();
  });
});
