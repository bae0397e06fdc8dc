import { eventLineFormatter } from '../../../src/cli/output/event-line-formatter.js';
import { Progress } from '../../../src/cli/output/progress.js';
import { EventBuilder, systemError, type Event } from '../event-builder.js';

function lines(events: readonly Event[]): (string | undefined)[] {
  return events.map(eventLineFormatter()).filter((line) => line !== undefined);
}

describe('Event lines', () => {
  it('show each attempt when it ends, with the wait after it', () => {
    const request = new EventBuilder();

    expect(
      lines([
        request.start(0),
        request.retry(12, 503, 1000),
        request.start(1012, 'http://b.test/x'),
        request.value(100, new Progress(200, 1234)),
        request.success(290),
      ]),
    ).toEqual(['1/3 GET http://a.test/x: 503 (12 ms), next in 1.0 s', '2/3 GET http://b.test/x: 200, 1.2 kB (290 ms)']);
  });

  it('show why a request was given up during an attempt or a wait', () => {
    const first = new EventBuilder({ method: 'POST', of: Infinity });
    const second = new EventBuilder({ requestId: 'r2' });

    expect(
      lines([
        first.start(0),
        second.start(0),
        first.failure(5, systemError('ECONNRESET'), 'method'),
        second.retry(5, 503, 1000),
        second.failure(500, 503, 'deadline'),
      ]),
    ).toEqual([
      '1/∞ POST http://a.test/x: connection reset (5 ms), gave up: the server may have received it, and its method is not idempotent',
      '1/3 GET http://a.test/x: 503 (5 ms), next in 1.0 s',
      '1/3 GET http://a.test/x: gave up during the wait: --total-timeout leaves no time for another attempt',
    ]);
  });

  it('show a hedge when it is sent, and the URL that answered in its place', () => {
    const request = new EventBuilder();
    const other = 'http://me:secret@b.test/x';

    expect(
      lines([
        request.start(0),
        request.hedge(300, other),
        request.response(320, 503, other),
        request.retry(320, 503, 1000),
        request.start(1320),
        request.hedge(300, 'http://a.test/x'),
        request.response(310, 200),
        request.value(310, new Progress(200, 5)),
        request.success(320),
      ]),
    ).toEqual([
      '1/3 GET http://a.test/x: sent again to http://b.test/x after 300 ms',
      '1/3 GET http://a.test/x: 503, answered by http://b.test/x (320 ms), next in 1.0 s',
      '2/3 GET http://a.test/x: sent again after 300 ms',
      '2/3 GET http://a.test/x: 200, 5 B (320 ms)',
    ]);
  });

  it('show the URL that answered with each end of an attempt', () => {
    const ends: readonly ((request: EventBuilder) => Event)[] = [
      (request) => request.success(20),
      (request) => request.failure(20, 404, 'permanent'),
      (request) => request.cancel(20),
    ];
    const shown = ends.map((end) => {
      const request = new EventBuilder();
      return lines([
        request.start(0),
        request.hedge(5, 'http://b.test/x'),
        request.response(10, 200, 'http://b.test/x'),
        request.value(10, new Progress(200, 5)),
        end(request),
      ])[1];
    });

    expect(shown).toEqual([
      '1/3 GET http://a.test/x: 200, 5 B, answered by http://b.test/x (20 ms)',
      '1/3 GET http://a.test/x: 404, answered by http://b.test/x (20 ms), gave up: the strategy does not retry it',
      '1/3 GET http://a.test/x: 200, 5 B, answered by http://b.test/x, cancelled (20 ms)',
    ]);
  });

  it('show holds and rejections by the names of the gates, without control characters', () => {
    const request = new EventBuilder();

    expect(
      lines([
        request.hold(0, 'rate\x1b[2J-limit'),
        request.admit(100),
        request.retry(5, 503, 1000),
        request.reject(1105, 'my\x1b[2J-gate', 'why\x1b[2J'),
        request.hold(2000, 'rate\x1b[2J-limit'),
        request.cancel(5),
      ]),
    ).toEqual([
      '1/3 GET http://a.test/x: held by rate [2J-limit',
      '1/3 GET http://a.test/x: 503 (5 ms), next in 1.0 s',
      '2/3 GET http://a.test/x: not sent, rejected by my [2J-gate: why [2J',
      '3/3 GET http://a.test/x: held by rate [2J-limit',
      '3/3 GET http://a.test/x: cancelled while held by rate [2J-limit (5 ms)',
    ]);
  });

  it('tell a rejected attempt from the one before, even if they have the same number', () => {
    const request = new EventBuilder();
    const events = [request.start(0), request.retry(5, 503, 1000), new EventBuilder().reject(1005, 'circuit-breaker')];

    expect(lines(events)[1]).toBe('1/3 GET http://a.test/x: not sent, rejected by circuit-breaker');
  });

  it('ignore a hedge and a response of a request whose start they did not observe', () => {
    const request = new EventBuilder();
    request.start(0);

    expect(lines([request.response(10, 200, 'http://b.test/x'), request.success(20)])).toEqual([
      '1/3 GET http://a.test/x: ok (20 ms)',
    ]);
  });

  it('show a cancellation during an attempt or a wait', () => {
    const request = new EventBuilder();

    expect(lines([request.start(0), request.cancel(1500)])).toEqual(['1/3 GET http://a.test/x: cancelled (1.5 s)']);
    expect(lines([request.start(0), request.value(1, new Progress(200, 5)), request.cancel(1500)])).toEqual([
      '2/3 GET http://a.test/x: 200, 5 B, cancelled (1.5 s)',
    ]);
    const waiting = new EventBuilder();
    expect(lines([waiting.start(0), waiting.retry(5, 503, 1000), waiting.cancel(500)]).at(-1)).toBe(
      '1/3 GET http://a.test/x: cancelled during the wait',
    );
  });
});
