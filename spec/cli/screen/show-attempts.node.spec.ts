import { showAttempts } from '../../../src/cli/screen/show-attempts.js';
import { EventBuilder } from '../event-builder.js';
import { FakeScreen } from '../fake-screen.js';

const env = { NO_COLOR: '1' };

describe('Attempts on a terminal', () => {
  beforeEach(() => {
    jasmine.clock().install().mockDate(new Date(0));
  });
  afterEach(() => {
    jasmine.clock().uninstall();
  });

  it('are redrawn in place, by themselves while something runs', () => {
    const screen = new FakeScreen();
    const request = new EventBuilder();
    const shown = showAttempts(screen, { env });
    shown.next(request.start(0));

    expect(screen.lines[1]).toContain('…                     0 ms');
    jasmine.clock().tick(160);
    expect(screen.lines[1]).toContain('…                   160 ms');
    shown.next(request.retry(200, 503, 1000));
    jasmine.clock().tick(80);
    expect(screen.lines[1]).toContain('503                 200 ms');
    expect(screen.lines.length).toBe(3);
  });

  it('rest when all requests have ended: nothing is drawn any more, and no timer is left', () => {
    const screen = new FakeScreen();
    const request = new EventBuilder();
    const shown = showAttempts(screen, { env });
    shown.next(request.start(0));
    shown.next(request.success(5));
    const { writes } = screen;
    jasmine.clock().tick(1000);

    expect(screen.writes).toBe(writes);
    shown.complete();
    expect(screen.lines).toEqual([jasmine.stringContaining('GET /x'), jasmine.stringContaining('ok'), '']);
    shown.next(new EventBuilder({ requestId: 'r2' }).start(9));
    expect(screen.lines.length).toBe(3);
  });

  it('never climb above the top of the screen, and leave the whole picture at the end', () => {
    const screen = new FakeScreen();
    screen.rows = 5;
    const shown = showAttempts(screen, { env });
    const requests = Array.from({ length: 4 }, (_, i) => new EventBuilder({ requestId: `r${i}` }));
    for (const request of requests) shown.next(request.start(0));
    jasmine.clock().tick(80);

    expect(screen.lines.length).toBe(5);
    for (const request of requests) shown.next(request.success(10));
    expect(screen.lines.length).toBe(5);
    shown.complete();
    expect(screen.lines.length).toBe(9);
  });

  it('are drawn as on a usual terminal where it says that it has no columns and rows', () => {
    const [usual, unset] = [new FakeScreen(), new FakeScreen()];
    unset.columns = unset.rows = 0;
    for (const screen of [usual, unset]) {
      const shown = showAttempts(screen, { env });
      for (const requestId of ['r1', 'r2']) shown.next(new EventBuilder({ requestId }).start(0));
      jasmine.clock().tick(80);
    }

    expect(unset.lines).toEqual(usual.lines);
    expect(unset.lines[3]).toContain('1/3');
  });

  it('yield to a body that goes to the same terminal, and are drawn below it at the end, as they ended', () => {
    for (const text of ['the body\n', 'the body']) {
      const screen = new FakeScreen();
      const request = new EventBuilder();
      const shown = showAttempts(screen, { env, yieldToBody: true });
      shown.next(request.start(0));
      shown.next(request.value(10, 'x'));
      expect(screen.lines).toEqual(['']);
      screen.write(text);
      jasmine.clock().tick(1000);
      shown.next(request.value(890, new Response(null, { status: 203 })));
      expect(screen.lines[0]).toBe('the body');
      shown.next(request.success(900));
      shown.complete();

      expect(screen.lines).toEqual([
        'the body',
        jasmine.stringContaining('GET /x'),
        jasmine.stringMatching(/203 +900 ms/),
        '',
      ]);
    }
  });

  it('stay above a body that begins after them', () => {
    const screen = new FakeScreen();
    const request = new EventBuilder();
    const shown = showAttempts(screen, { env, yieldToBody: true });
    shown.next(request.start(0));
    shown.next(request.failure(10, 404, 'permanent'));
    screen.write('the body\n');
    shown.complete();

    expect(screen.lines.slice(1)).toEqual([
      jasmine.stringContaining('404'),
      jasmine.stringContaining('gave up'),
      'the body',
      '',
    ]);
  });

  it('let a line of its own be written above them', () => {
    const screen = new FakeScreen();
    const request = new EventBuilder();
    const shown = showAttempts(screen, { env });
    shown.print('before');
    shown.next(request.start(0));
    shown.print('a warning');
    shown.next(request.success(5));
    shown.complete();
    shown.print('after');

    expect(screen.lines).toEqual([
      'before',
      'a warning',
      jasmine.stringContaining('GET /x'),
      jasmine.stringContaining('ok'),
      'after',
      '',
    ]);
  });

  it('are drawn without colour where NO_COLOR is set', () => {
    const written: string[] = [];
    const draw = (environment: Record<string, string>): string => {
      const screen = { isTTY: true, write: (text: string) => written.push(text) };
      showAttempts(screen, { env: environment }).next(new EventBuilder().start(0));
      return written.pop() ?? '';
    };

    expect(draw({})).toContain('\x1b[36m');
    expect(draw({ NO_COLOR: '' })).toContain('\x1b[36m');
    expect(draw({ NO_COLOR: '1' })).not.toContain('\x1b[36m');
  });

  it('are plain lines where it is no terminal, or a dumb one', () => {
    const written: string[] = [];
    const request = new EventBuilder();
    for (const screen of [{ isTTY: true }, { isTTY: false }]) {
      const shown = showAttempts({ ...screen, write: (text: string) => written.push(text) }, { env: { TERM: 'dumb' } });
      shown.next(request.start(0));
      shown.next(request.success(5));
      shown.complete();
    }

    expect(written).toEqual(['1/3 GET http://a.test/x: ok (5 ms)\n', '2/3 GET http://a.test/x: ok (5 ms)\n']);
  });
});
