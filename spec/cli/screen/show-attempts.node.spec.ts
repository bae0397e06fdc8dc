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

  it('are redrawn in place, at intervals while a request runs', () => {
    const screen = new FakeScreen();
    const request = new EventBuilder();
    const display = showAttempts(screen, { env });
    display.next(request.start(0));

    expect(screen.lines[1]).toContain('…                     0 ms');
    jasmine.clock().tick(160);
    expect(screen.lines[1]).toContain('…                   160 ms');
    display.next(request.retry(200, 503, 1000));
    jasmine.clock().tick(80);
    expect(screen.lines[1]).toContain('503                 200 ms');
    expect(screen.lines.length).toBe(3);
  });

  it('are not redrawn after all requests have ended, and leave no timer', () => {
    const screen = new FakeScreen();
    const request = new EventBuilder();
    const display = showAttempts(screen, { env });
    display.next(request.start(0));
    display.next(request.success(5));
    const { writes } = screen;
    jasmine.clock().tick(1000);

    expect(screen.writes).toBe(writes);
    display.complete();
    expect(screen.lines).toEqual([jasmine.stringContaining('GET /x'), jasmine.stringContaining('ok'), '']);
    display.next(new EventBuilder({ requestId: 'r2' }).start(9));
    expect(screen.lines.length).toBe(3);
  });

  it('stay within the screen, and are drawn completely at the end', () => {
    const screen = new FakeScreen();
    screen.rows = 5;
    const display = showAttempts(screen, { env });
    const requests = Array.from({ length: 4 }, (_, i) => new EventBuilder({ requestId: `r${i}` }));
    for (const request of requests) display.next(request.start(0));
    jasmine.clock().tick(80);

    expect(screen.lines.length).toBe(5);
    for (const request of requests) display.next(request.success(10));
    expect(screen.lines.length).toBe(5);
    display.complete();
    expect(screen.lines.length).toBe(9);
  });

  it('are drawn with the default size if the terminal reports 0 columns and rows', () => {
    const [standard, unset] = [new FakeScreen(), new FakeScreen()];
    unset.columns = unset.rows = 0;
    for (const screen of [standard, unset]) {
      const display = showAttempts(screen, { env });
      for (const requestId of ['r1', 'r2']) display.next(new EventBuilder({ requestId }).start(0));
      jasmine.clock().tick(80);
    }

    expect(unset.lines).toEqual(standard.lines);
    expect(unset.lines[3]).toContain('1/3');
  });

  it('yield to a body on the same terminal, and are drawn below it at the end', () => {
    for (const text of ['the body\n', 'the body']) {
      const screen = new FakeScreen();
      const request = new EventBuilder();
      const display = showAttempts(screen, { env, yieldToBody: true });
      display.next(request.start(0));
      display.next(request.value(10, 'x'));
      expect(screen.lines).toEqual(['']);
      screen.write(text);
      jasmine.clock().tick(1000);
      display.next(request.value(890, new Response(null, { status: 203 })));
      expect(screen.lines[0]).toBe('the body');
      display.next(request.success(900));
      display.complete();

      expect(screen.lines).toEqual([
        'the body',
        jasmine.stringContaining('GET /x'),
        jasmine.stringMatching(/203 +900 ms/),
        '',
      ]);
    }
  });

  it('stay above a body that starts after them', () => {
    const screen = new FakeScreen();
    const request = new EventBuilder();
    const display = showAttempts(screen, { env, yieldToBody: true });
    display.next(request.start(0));
    display.next(request.failure(10, 404, 'permanent'));
    screen.write('the body\n');
    display.complete();

    expect(screen.lines.slice(1)).toEqual([
      jasmine.stringContaining('404'),
      jasmine.stringContaining('gave up'),
      'the body',
      '',
    ]);
  });

  it('are drawn below a printed line', () => {
    const screen = new FakeScreen();
    const request = new EventBuilder();
    const display = showAttempts(screen, { env });
    display.print('before');
    display.next(request.start(0));
    display.print('a warning');
    display.next(request.success(5));
    display.complete();
    display.print('after');

    expect(screen.lines).toEqual([
      'before',
      'a warning',
      jasmine.stringContaining('GET /x'),
      jasmine.stringContaining('ok'),
      'after',
      '',
    ]);
  });

  it('are drawn without colour if NO_COLOR is set', () => {
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

  it('are plain lines if the output is not a terminal, or a dumb one', () => {
    const written: string[] = [];
    const request = new EventBuilder();
    for (const screen of [{ isTTY: true }, { isTTY: false }]) {
      const display = showAttempts(
        { ...screen, write: (text: string) => written.push(text) },
        { env: { TERM: 'dumb' } },
      );
      display.next(request.start(0));
      display.next(request.success(5));
      display.complete();
    }

    expect(written).toEqual(['1/3 GET http://a.test/x: ok (5 ms)\n', '2/3 GET http://a.test/x: ok (5 ms)\n']);
  });
});
