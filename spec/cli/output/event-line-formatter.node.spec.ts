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
