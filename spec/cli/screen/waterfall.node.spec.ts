import { Progress } from '../../../src/cli/output/progress.js';
import { drawWaterfall } from '../../../src/cli/screen/draw-waterfall.js';
import { applyEvent, type Waterfall } from '../../../src/cli/screen/waterfall.js';
import { EventBuilder, systemError, type Event } from '../event-builder.js';

const canvas = { columns: 80, hasColour: false, isFinal: true };

function waterfallOf(events: readonly Event[]): Waterfall {
  return events.reduce(applyEvent, []);
}

function draw(events: readonly Event[], now = 0, options: Partial<typeof canvas> = {}): string[] {
  return drawWaterfall(waterfallOf(events), now, { ...canvas, ...options });
}

describe('The waterfall', () => {
  it('draws attempts as solid bars and waits as light ones, to scale', () => {
    const request = new EventBuilder();
    const events = [
      request.start(1000),
      request.retry(200, 503, 600),
      request.start(1800, 'http://b.test/x'),
      request.value(100, new Progress(200, 1234)),
      request.success(200),
    ];

    expect(draw(events)).toEqual([
      '     GET /x         outcome               took    wait  0                  1.0 s',
      '1/3  http://a.test  503                 200 ms  600 ms  █████░░░░░░░░░░░░░░',
      '2/3  http://b.test  200, 1.2 kB         200 ms                             █████',
    ]);
  });

  it('counts down a running wait, and shows its full length afterwards', () => {
    const request = new EventBuilder();
    const events = [request.start(0), request.retry(100, 503, 1000)];

    expect(draw(events, 400, { isFinal: false })[1]).toBe(
      '1/3  http://a.test  503                 100 ms  700 ms  █████░░░░░░░░░░░░░░',
    );
    expect(draw([...events, request.start(1100)], 1200)[1]).toContain(' 1.0 s ');
  });

  it('grows the time axis in steps while a request runs, and ends it with the last attempt', () => {
    const request = new EventBuilder();
    const running = [request.start(0)];
    const head = (lines: string[]): string | undefined => lines[0]?.split(/ +/).slice(-2).join(' ');

    expect(head(draw(running, 0, { isFinal: false }))).toBe('200 ms');
    expect(head(draw(running, 250, { isFinal: false }))).toBe('500 ms');
    expect(head(draw(running, 2000, { isFinal: false }))).toBe('5.0 s');
    expect(head(draw([...running, request.success(321)], 9999))).toBe('321 ms');
  });

  it('aligns concurrent requests on one axis', () => {
    const first = new EventBuilder({ requestId: 'r1' });
    const second = new EventBuilder({ requestId: 'r2', method: 'PUT' });
    const events = [first.start(0), second.start(500, 'http://a.test/y'), first.success(1000), second.success(500)];

    expect(draw(events)).toEqual([
      '     GET /x         outcome               took    wait  0                  1.0 s',
      '1/3  http://a.test  ok                   1.0 s          ████████████████████████',
      '     PUT /y         outcome               took    wait  0                  1.0 s',
      '1/3  http://a.test  ok                  500 ms                      ████████████',
    ]);
  });

  it('marks within the bar when a hedge was sent, and says which URL answered', () => {
    const request = new EventBuilder();
    const events = [
      request.start(1000),
      request.hedge(300, 'http://b.test/x'),
      request.response(400, 200, 'http://b.test/x'),
      request.value(400, new Response(null)),
      request.success(400),
    ];

    expect(draw(events)).toEqual([
      '     GET /x         outcome               took    wait  0                 400 ms',
      '1/3  http://a.test  200                 400 ms          ██████████████████│█████',
      '     sent again to http://b.test after 300 ms',
      '     answered by http://b.test',
    ]);
    expect(draw([...events.slice(0, 2), request.response(400, 200), request.success(400)]).slice(2)).toEqual([
      '     sent again to http://b.test after 300 ms',
      '     answered by http://a.test',
    ]);
    expect(draw([...events.slice(0, 2), request.cancel(600)])[1]).toContain('████████████│███████████');
  });

  it('shows a hedge that goes to the same URL, or to another path', () => {
    const same = new EventBuilder();
    const other = new EventBuilder();
    const path = 'http://b.test/y';

    expect(
      draw([same.start(0), same.hedge(50, 'http://a.test/x'), same.response(100, 200), same.success(100)]).slice(1),
    ).toEqual([
      '1/3  http://a.test  ok                  100 ms          ████████████│███████████',
      '     sent again after 50 ms',
    ]);
    expect(draw([other.start(0), other.hedge(50, path), other.response(100, 200, path), other.success(100)])).toEqual([
      '     GET              outcome               took    wait  0               100 ms',
      '1/3  http://a.test/x  ok                  100 ms          ███████████│██████████',
      '     sent again to http://b.test/y after 50 ms',
      '     answered by http://b.test/y',
    ]);
  });

  it('marks several hedges, without control characters or passwords of their URLs', () => {
    const request = new EventBuilder();
    const url = 'http://me:secret@c.test/x\x1b[2J';
    const lines = draw([
      request.start(0),
      request.hedge(100, 'http://b.test/x'),
      request.hedge(200, url),
      request.response(300, 200, url),
      request.success(300),
    ]).slice(1);

    expect(lines).toEqual([
      jasmine.stringMatching(/ █+│█+│█+$/),
      '     sent again to http://b.test/x after 100 ms',
      '     sent again to http://c.test/x [2J after 200 ms',
      '     answered by http://c.test/x [2J',
    ]);
  });

  it('keeps the mark of a hedge within its bar', () => {
    for (const elapsed of [0, 1000]) {
      const request = new EventBuilder();
      const hedged = [request.start(0), request.hedge(elapsed, 'http://b.test/x'), request.retry(1, 503, 999)];
      expect(draw([...hedged, request.start(1000), request.success(1000)])[1]).toMatch(/ │░+$/);
    }
  });

  it('is drawn before any attempt was sent, and counts the time from the first hold', () => {
    const request = new EventBuilder();
    const events = [request.hold(1000, 'rate\x1b[2J-limit'), request.holdAgain('whenOnline')];

    expect(draw(events, 1250, { isFinal: false }).slice(1)).toEqual([
      '1/3  http://a.test  held                                ░░░░░░░░░░░░',
      '     held by rate [2J-limit, whenOnline for 250 ms',
    ]);
    expect(draw([...events, request.admit(1500), request.success(500)])[1]).toBe(
      '1/3  http://a.test  ok                  500 ms          ░░░░░░░░░░░░████████████',
    );
  });

  it('has a row for an attempt that a gate rejects, even if it has the number of the one before', () => {
    const request = new EventBuilder();
    const events = [request.start(0), request.retry(100, 503, 100)];
    const lines = draw([...events, new EventBuilder().reject(200, 'my\x1b[2J-gate', undefined, 'http://b.test/x')]);

    expect(lines.slice(1)).toEqual([
      jasmine.stringMatching(/^1\/3 {2}http:\/\/a.test {2}503 .*█░+$/),
      jasmine.stringMatching(/^1\/3 {2}http:\/\/b.test {2}not sent .* ×$/),
      '     rejected by my [2J-gate',
    ]);
  });

  it('names the gate that allows no retry without control characters', () => {
    const request = new EventBuilder();
    const events = [request.start(0), { ...request.failure(10, 503, 'rejected'), gate: 'my\x1b[2J-gate' } as Event];

    expect(draw(events)[2]).toBe('     gave up: my [2J-gate let no further attempt in');
  });

  it('colours what a gate did', () => {
    const [held, rejected] = [new EventBuilder(), new EventBuilder()];
    const draw = (events: readonly Event[]): string =>
      drawWaterfall(waterfallOf(events), 1000, { ...canvas, hasColour: true }).join('\n');

    expect(draw([held.hold(0, 'rate-limit')])).toMatch(/\x1b\[34mheld.*\x1b\[34m░+/);
    expect(draw([rejected.reject(0, 'circuit-breaker')])).toMatch(/\x1b\[31mnot sent.*\x1b\[31m×/);
  });

  it('counts the attempts that it omits after the notes of the first ones', () => {
    const request = new EventBuilder({ of: Infinity });
    const lines = draw(
      Array.from({ length: 20 }, (_, i) => [
        request.hold(i * 100, 'rate-limit'),
        request.admit(i * 100 + 50),
        request.retry(10, 503, 40),
      ]).flat(),
      2000,
    );

    expect(lines.length).toBe(26);
    expect(lines.slice(5, 9)).toEqual([
      jasmine.stringContaining('3/∞'),
      '      held by rate-limit for 50 ms',
      '   ⋮  8 more',
      jasmine.stringContaining('12/∞'),
    ]);
  });

  it('shows why a request was given up', () => {
    const request = new EventBuilder({ method: 'POST', of: 1 });
    const lines = draw([request.start(0), request.failure(50, systemError('ECONNREFUSED'), 'attempts')]);

    expect(lines.slice(1)).toEqual([
      '1/1  http://a.test  connection refused   50 ms          ████████████████████████',
      '     gave up: no attempt is left',
    ]);
  });

  it('shows a cancellation during a wait without changing the attempt before it', () => {
    const request = new EventBuilder();
    const lines = draw([request.start(0), request.retry(100, 503, 1000), request.cancel(400)]);

    expect(lines.slice(1)).toEqual([
      '1/3  http://a.test  503                 100 ms   1.0 s  ██████░░░░░░░░░░░░░░░░░░',
      '     cancelled during the wait',
    ]);
  });

  it('keeps the first three and the last nine of many attempts, and counts the rest', () => {
    const request = new EventBuilder({ of: Infinity });
    const events = Array.from({ length: 40 }, (_, i) => [request.start(i * 100), request.retry(10, 503, 90)]).flat();
    const lines = draw(events, 4000);

    expect(lines.length).toBe(14);
    expect(lines[3]).toContain('3/∞');
    expect(lines[4]).toBe('   ⋮  28 more');
    expect(lines[5]).toContain('32/∞');
    expect(waterfallOf(events)[0]?.bars.length).toBe(12);
  });

  it('shows whole URLs if their paths differ', () => {
    const request = new EventBuilder();
    const lines = draw([
      request.start(0, 'http://a.test/1'),
      request.retry(10, 503, 0),
      request.start(10, 'http://a.test/2'),
      request.success(10),
    ]);

    expect(lines.map((line) => line.slice(0, 22).trimEnd())).toEqual(
      ['     GET              ou', '1/3  http://a.test/1  50', '2/3  http://a.test/2  20'].map((line) =>
        line.slice(0, 22).trimEnd(),
      ),
    );
  });

  it('never draws a line wider than the terminal, and leaves out the bars if there is no room', () => {
    const request = new EventBuilder();
    const error = new Error('something that takes many words to say\x1b[2J');
    const events = [
      request.start(0, `http://a-long-host-name.example.com/${'path/'.repeat(20)}`),
      request.failure(100, error, 'permanent'),
    ];
    for (const columns of [10, 40, 60, 80, 200]) {
      const lines = draw(events, 0, { columns });
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      expect(lines.join('').includes('█')).toBe(columns >= 80);
      expect(lines.join('')).not.toContain('\x1b');
    }
  });

  it('colours the outcomes of attempts', () => {
    const request = new EventBuilder();
    const [, first, second] = draw(
      [request.start(0), request.retry(10, 503, 10), request.start(20), request.success(10)],
      0,
      { hasColour: true },
    );

    expect(first).toContain('\x1b[33m503');
    expect(second).toContain('\x1b[32mok');
  });

  it('shows an emitted response with an error status as a failure', () => {
    const request = new EventBuilder();
    const [, line] = draw(
      [request.start(0), request.value(10, new Response(null, { status: 404 })), request.success(10)],
      0,
      {
        hasColour: true,
      },
    );

    expect(line).toContain('\x1b[31m404');
  });

  it('ignores events of a request whose start it did not observe', () => {
    const request = new EventBuilder();
    request.start(0);

    expect(waterfallOf([request.success(10)])).toEqual([]);
  });
});
