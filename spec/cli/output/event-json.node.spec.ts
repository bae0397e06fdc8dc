import { eventToJson } from '../../../src/cli/output/event-json.js';
import { Progress } from '../../../src/cli/output/progress.js';
import { GateRejectedError, HttpNetworkError, type Outcome } from '../../../src/index.js';
import { EventBuilder, systemError, type Event } from '../event-builder.js';

describe('Events as JSON', () => {
  const request = new EventBuilder();
  request.start(7);
  const attempt = { number: 1, of: 3, requestId: 'r1', startedAt: 7, method: 'GET', url: 'http://a.test/x' };

  it('contain every field of an event', () => {
    const response = new Response('slow down', {
      status: 503,
      statusText: 'Busy',
      headers: { 'retry-after': '1', 'set-cookie': 'secret=1' },
    });
    const event: Event = {
      type: 'retry',
      attempt: request.attempt,
      outcome: { attempt: request.attempt, kind: 'response', response },
      elapsed: 12,
      delay: 1000,
    };

    expect(JSON.parse(eventToJson(event))).toEqual({
      type: 'retry',
      attempt,
      elapsed: 12,
      delay: 1000,
      outcome: { kind: 'response', response: { status: 503, statusText: 'Busy', url: '', retryAfter: '1' } },
    });
  });

  it('escape control characters, and are parsed as the original text', () => {
    const statusText = 'Busy \x7f\x9b31m';
    const retryAfter = '\x9b31m9';
    const line = eventToJson({
      ...request.retry(12, 503, 1000),
      type: 'retry',
      outcome: {
        attempt: request.attempt,
        kind: 'response',
        response: Object.defineProperty(
          new Response(null, { status: 503, headers: { 'retry-after': retryAfter } }),
          'statusText',
          { value: statusText },
        ),
      },
    } as Event);

    expect(line).not.toMatch(/\p{C}/u);
    expect(line).toContain('Busy \\u007f\\u009b31m');
    expect(JSON.parse(line)).toEqual(
      jasmine.objectContaining({
        outcome: { kind: 'response', response: { status: 503, statusText, url: '', retryAfter } },
      }),
    );
    const tag = '\u{e0041}\u202e\u2028';
    expect(eventToJson(request.value(1, tag))).toContain('"value":"\\udb40\\udc41\\u202e\\u2028"');
  });

  it('show errors with their codes, without the password of a URL in a message', () => {
    const cause = systemError('ECONNREFUSED');
    const error = new HttpNetworkError({
      attempt: request.attempt,
      cause,
      summary: 'refused by http://me:p@ss@a.test/',
      phase: 'connect',
    });

    expect(JSON.parse(eventToJson(request.failure(12, error, 'attempts')))).toEqual({
      type: 'failure',
      attempt,
      elapsed: 12,
      total: 12,
      reason: 'attempts',
      outcome: {
        kind: 'error',
        error: {
          name: 'HttpNetworkError',
          message: 'GET http://a.test/x: refused by http://a.test/, in phase connect (attempt 1 of 3)',
          code: 'ECONNREFUSED',
        },
      },
    });
  });

  it('show which gate held or rejected an attempt, and what it says about later', () => {
    const held = new EventBuilder();
    expect(JSON.parse(eventToJson(held.hold(7, 'rate-limit')))).toEqual({ type: 'hold', attempt, gate: 'rate-limit' });

    const rejection = (retryAfter?: number): unknown => {
      const error = new GateRejectedError({ gate: 'rate-limit', attempt: held.attempt, retryAfter });
      return JSON.parse(eventToJson({ ...held.failure(5, error, 'rejected'), gate: 'rate-limit' } as Event));
    };
    const error = {
      name: 'GateRejectedError',
      message: 'GET http://a.test/x: rejected by the gate "rate-limit" (attempt 1 of 3)',
      gate: 'rate-limit',
    };
    const failure = { type: 'failure', attempt, elapsed: 5, total: 5, reason: 'rejected', gate: 'rate-limit' };
    expect(rejection(4000)).toEqual({ ...failure, outcome: { kind: 'error', error: { ...error, retryAfter: 4000 } } });
    expect(rejection()).toEqual({ ...failure, outcome: { kind: 'error', error } });
    expect(rejection(Infinity)).toEqual(rejection());
  });

  it('show when and where an attempt was sent again, and which URL answered', () => {
    const url = 'http://b.test/x?sig=secret';
    const shown = { attempt, elapsed: 300, url: 'http://b.test/x?sig=REDACTED' };

    expect(JSON.parse(eventToJson(request.hedge(300, url)))).toEqual({ type: 'hedge', ...shown });
    expect(JSON.parse(eventToJson(request.response(300, 200, url)))).toEqual({
      type: 'response',
      ...shown,
      response: { status: 200, statusText: '', url: '' },
    });
  });

  it('show progress, responses and infinite attempts as JSON values', () => {
    const endless = new EventBuilder({ of: Infinity });

    expect(JSON.parse(eventToJson(endless.start(7)))).toEqual({
      type: 'start',
      attempt: { ...attempt, of: 'infinity' },
    });
    expect(JSON.parse(eventToJson(request.value(1, new Progress(200, 5))))).toEqual({
      type: 'value',
      attempt,
      elapsed: 1,
      value: { status: 200, bytes: 5 },
    });
    expect(JSON.parse(eventToJson(request.value(1, new Response('x'))))).toEqual({
      type: 'value',
      attempt,
      elapsed: 1,
      value: { status: 200, statusText: '', url: '' },
    });
    expect(eventToJson(request.value(1, Symbol('x')))).toContain('"value":"Symbol(x)"');
  });

  it('show an outcome that is a value, and a thrown value that is not an Error', () => {
    const { attempt: now } = request;
    const outcomeOf = (outcome: Outcome): unknown =>
      (JSON.parse(eventToJson({ type: 'retry', attempt: now, outcome, elapsed: 1, delay: 0 })) as { outcome: unknown })
        .outcome;

    expect(outcomeOf({ kind: 'value', value: 7, attempt: now })).toEqual({ kind: 'value', value: '7' });
    expect(outcomeOf({ kind: 'error', error: 'why', attempt: now })).toEqual({
      kind: 'error',
      error: { message: 'why' },
    });
  });
});
