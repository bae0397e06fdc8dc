import { eventToJson } from '../../../src/cli/output/event-json.js';
import { eventLineFormatter } from '../../../src/cli/output/event-line-formatter.js';
import { Progress } from '../../../src/cli/output/progress.js';
import { HttpNetworkError, type Outcome } from '../../../src/index.js';
import { EventBuilder, systemError, type Event } from '../event-builder.js';

function lines(events: readonly Event[]): (string | undefined)[] {
  return events.map(eventLineFormatter()).filter((line) => line !== undefined);
}

describe('Plain lines', () => {
  it('tell each attempt as it ends, with the wait that follows', () => {
    const story = new EventBuilder();

    expect(
      lines([
        story.start(0),
        story.retry(12, 503, 1000),
        story.start(1012, 'http://b.test/x'),
        story.value(100, new Progress(200, 1234)),
        story.success(290),
      ]),
    ).toEqual(['1/3 GET http://a.test/x: 503 (12 ms), next in 1.0 s', '2/3 GET http://b.test/x: 200, 1.2 kB (290 ms)']);
  });

  it('tell why a request was given up, in an attempt or in a wait', () => {
    const one = new EventBuilder({ method: 'POST', of: Infinity });
    const other = new EventBuilder({ requestId: 'r2' });

    expect(
      lines([
        one.start(0),
        other.start(0),
        one.failure(5, systemError('ECONNRESET'), 'method'),
        other.retry(5, 503, 1000),
        other.failure(500, 503, 'deadline'),
      ]),
    ).toEqual([
      '1/∞ POST http://a.test/x: connection reset (5 ms), gave up: the server may have received it, and its method is not idempotent',
      '1/3 GET http://a.test/x: 503 (5 ms), next in 1.0 s',
      '1/3 GET http://a.test/x: gave up in the wait: --total-timeout leaves no time for another attempt',
    ]);
  });

  it('tell a cancellation, in an attempt or in a wait', () => {
    const story = new EventBuilder();

    expect(lines([story.start(0), story.cancel(1500)])).toEqual(['1/3 GET http://a.test/x: cancelled (1.5 s)']);
    expect(lines([story.start(0), story.value(1, new Progress(200, 5)), story.cancel(1500)])).toEqual([
      '2/3 GET http://a.test/x: 200, 5 B, cancelled (1.5 s)',
    ]);
    const waiting = new EventBuilder();
    expect(lines([waiting.start(0), waiting.retry(5, 503, 1000), waiting.cancel(500)]).at(-1)).toBe(
      '1/3 GET http://a.test/x: cancelled in the wait',
    );
  });
});

describe('Lines of JSON', () => {
  const story = new EventBuilder();
  story.start(7);
  const attempt = { number: 1, of: 3, requestId: 'r1', startedAt: 7, method: 'GET', url: 'http://a.test/x' };

  it('hold all that an event tells', () => {
    const response = new Response('slow down', {
      status: 503,
      statusText: 'Busy',
      headers: { 'retry-after': '1', 'set-cookie': 'secret=1' },
    });
    const event: Event = {
      type: 'retry',
      attempt: story.attempt,
      outcome: { attempt: story.attempt, kind: 'response', response },
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

  it('spell out what a terminal would obey, and are read as what was told', () => {
    const statusText = 'Busy \x7f\x9b31m';
    const retryAfter = '\x9b31m9';
    const line = eventToJson({
      ...story.retry(12, 503, 1000),
      type: 'retry',
      outcome: {
        attempt: story.attempt,
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
    expect(eventToJson(story.value(1, tag))).toContain('"value":"\\udb40\\udc41\\u202e\\u2028"');
  });

  it('name errors with their codes, and hold no password of a URL in a message', () => {
    const cause = systemError('ECONNREFUSED');
    const error = new HttpNetworkError({
      attempt: story.attempt,
      cause,
      summary: 'refused by http://me:p@ss@a.test/',
      phase: 'connect',
    });

    expect(JSON.parse(eventToJson(story.failure(12, error, 'attempts')))).toEqual({
      type: 'failure',
      attempt,
      elapsed: 12,
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

  it('give progress, responses and attempts without end in forms that JSON has', () => {
    const endless = new EventBuilder({ of: Infinity });

    expect(JSON.parse(eventToJson(endless.start(7)))).toEqual({ type: 'start', attempt: { ...attempt, of: 'infinity' } });
    expect(JSON.parse(eventToJson(story.value(1, new Progress(200, 5))))).toEqual({
      type: 'value',
      attempt,
      elapsed: 1,
      value: { status: 200, bytes: 5 },
    });
    expect(JSON.parse(eventToJson(story.value(1, new Response('x'))))).toEqual({
      type: 'value',
      attempt,
      elapsed: 1,
      value: { status: 200, statusText: '', url: '' },
    });
    expect(eventToJson(story.value(1, Symbol('x')))).toContain('"value":"Symbol(x)"');
  });

  it('tell an outcome that is a value, and an error that is none', () => {
    const { attempt: now } = story;
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
