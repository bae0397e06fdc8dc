import axe from 'axe-core';
import { config, Observable, Subject, throwError } from 'rxjs';

import { waterfall, type WaterfallOptions } from '../../src/waterfall/index.js';
import { expectRefusal } from '../support/expect-refusal.js';
import { type Event, eventOf, outcomeOf, responseOf, URL_OF_REQUEST } from './event-builder.js';

const HOSTILE = `</style><script>globalThis.hacked=1</script><img src=x onerror="globalThis.hacked=1">`;

/** Waits for frames. */
async function frames(count = 2): Promise<void> {
  for (let frame = 0; frame < count; frame += 1) {
    await new Promise((resolve) => {
      requestAnimationFrame(resolve);
    });
  }
}

describe('waterfall', () => {
  let element: HTMLElement;
  let events$: Subject<Event>;
  let root: ShadowRoot;
  let stop: () => void;
  /** When the requests of a spec begin. */
  let start: number;

  function draw(options?: WaterfallOptions): void {
    const subscription = waterfall(element, events$, options);
    stop = () => {
      subscription.unsubscribe();
    };
    root = element.querySelector('.rxjs-retry-client-waterfall')!.shadowRoot!;
  }

  /** Emits the events of a request that succeeds at once. */
  function succeed(id: string, url = URL_OF_REQUEST): void {
    const attempt = { requestId: id, url };
    events$.next(eventOf('start', 1, start, {}, attempt));
    events$.next(eventOf('success', 1, start, { elapsed: 20, total: 20 }, attempt));
  }

  /** Emits the events of a request that is retried twice, and fails. */
  function fail(id: string): void {
    const attempt = { requestId: id };
    const retry = { outcome: outcomeOf(503), elapsed: 100, delay: 100 };
    events$.next(eventOf('start', 1, start, {}, attempt));
    events$.next(
      eventOf('response', 1, start, { response: responseOf(503), url: URL_OF_REQUEST, elapsed: 90 }, attempt),
    );
    events$.next(eventOf('retry', 1, start, retry, attempt));
    events$.next(eventOf('hold', 2, start + 200, { gate: 'rate-limit' }, attempt));
    events$.next(eventOf('start', 2, start + 300, {}, attempt));
    events$.next(eventOf('retry', 2, start + 300, retry, attempt));
    events$.next(eventOf('start', 3, start + 500, {}, attempt));
    events$.next(eventOf('hedge', 3, start + 500, { url: 'https://eu.test/users', elapsed: 200 }, attempt));
    const outcome = outcomeOf({ name: 'HttpTimeoutError', message: 'no data received for 1800 ms (timeout)' });
    events$.next(
      eventOf('failure', 3, start + 500, { outcome, elapsed: 1_800, total: 2_300, reason: 'attempts' }, attempt),
    );
  }

  /** Has it drawn now: by itself it waits the longer, the slower the machine is. */
  async function drawn(count = 4): Promise<void> {
    scroller().dispatchEvent(new Event('scroll'));
    await frames(count);
  }

  const rows = (): HTMLElement[] => [...root.querySelectorAll<HTMLElement>('.row[id]')];
  const bars = (row: number): HTMLElement[] => [...rows()[row]!.querySelectorAll<HTMLElement>('.bar')];
  const button = (text: string): HTMLElement =>
    [...root.querySelectorAll('button')].find((each) => each.textContent === text)!;
  const scroller = (): HTMLElement => root.querySelector<HTMLElement>('.scroller')!;
  const tip = (): HTMLElement => root.querySelector<HTMLElement>('.tip')!;
  const press = (key: string): void => {
    const options = { key, bubbles: true, composed: true, cancelable: true };
    (root.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', options));
  };

  beforeEach(() => {
    start = Date.now();
    events$ = new Subject();
    element = document.createElement('div');
    element.style.width = '900px';
    document.body.append(element);
  });
  afterEach(() => {
    stop();
    element.remove();
  });

  it('draws a row for each request, with a bar for each attempt, hedge, wait and hold', async () => {
    draw();
    succeed('a', 'https://api.test/users/1?full');
    fail('b');
    await drawn();

    expect(rows().map((row) => row.querySelector('.name')?.textContent)).toEqual(['GET /users/1?full', 'GET /users']);
    expect(bars(1).map(({ className }) => className)).toEqual([
      'bar retried body',
      'bar waiting',
      'bar held',
      'bar retried',
      'bar waiting',
      'bar failed',
      'bar hedge superseded',
    ]);
    expect(rows().map((row) => row.querySelector('.result')?.textContent)).toEqual([
      'succeeded · 20 ms',
      'timeout · 3× · 2.3 s',
    ]);
  });

  it('says in words what a row and its bars show', async () => {
    draw();
    fail('a');
    await drawn();

    expect(rows()[0]!.ariaLabel).toBe('GET /users, 3 attempts, failed after 2.3 s: 503, 503, timeout');
    expect(bars(0).map(({ ariaLabel }) => ariaLabel)).toEqual([
      'attempt 1: 503 after 100 ms, headers after 90 ms',
      'waiting for 100 ms',
      'held by rate-limit for 100 ms',
      'attempt 2: 503 after 100 ms',
      'waiting for 100 ms',
      'attempt 3: timeout after 1.8 s (no data received for 1800 ms (timeout))',
      'hedge of attempt 3: superseded after 1.6 s',
    ]);
  });

  it('puts bars where their times are on the common axis', async () => {
    draw();
    succeed('a');
    fail('b');
    await drawn();

    const [first, wait] = bars(1).map((bar) => bar.getBoundingClientRect());
    const of = bars(0)[0]!.getBoundingClientRect();
    expect(first!.left).toBeCloseTo(of.left, 0);
    expect(wait!.left).toBeCloseTo(first!.right, 0);
    expect(first!.width).toBeGreaterThan(of.width);
  });

  it('shows texts of servers as they are, and runs nothing of them', async () => {
    draw();
    const attempt = { url: `https://x.test/${HOSTILE}`, method: HOSTILE, client: HOSTILE, requestId: HOSTILE };
    events$.next(eventOf('hold', 1, start, { gate: HOSTILE }, attempt));
    events$.next(eventOf('start', 1, start, {}, attempt));
    const outcome = outcomeOf({ name: HOSTILE, message: HOSTILE });
    events$.next(eventOf('failure', 1, start, { outcome, elapsed: 5, total: 5, reason: 'permanent' }, attempt));
    await drawn();
    bars(0)[1]!.focus();
    await drawn();

    expect(tip().textContent).toContain(HOSTILE);
    expect(root.querySelectorAll('img, script').length).toBe(0);
    expect((globalThis as { hacked?: unknown }).hacked).toBeUndefined();
  });

  it('keeps the last rows', async () => {
    draw({ rows: 5 });
    for (let index = 0; index < 300; index += 1) succeed(`r${index}`);
    await drawn();

    expect(rows().map(({ id }) => id)).toEqual(['r295', 'r296', 'r297', 'r298', 'r299']);
  });

  it('scrolls with new requests until the reader scrolls up, and again from the end on', async () => {
    draw();
    const isAtEnd = (): boolean => scroller().scrollTop + scroller().clientHeight > scroller().scrollHeight - 4;
    for (let index = 0; index < 60; index += 1) succeed(`a${index}`);
    await drawn(3);
    expect([isAtEnd(), button('Follow').ariaPressed]).toEqual([true, 'true']);

    scroller().scrollTop = 200;
    await drawn();
    succeed('late');
    await drawn();
    expect([scroller().scrollTop, button('Follow').ariaPressed]).toEqual([200, 'false']);

    scroller().scrollTop = 1e6;
    await drawn();
    for (let index = 0; index < 20; index += 1) succeed(`b${index}`);
    await drawn();
    expect([isAtEnd(), button('Follow').ariaPressed]).toEqual([true, 'true']);
  });

  it('keeps the rows in view where they are when rows above them are dropped', async () => {
    draw({ rows: 60, follow: false });
    for (let index = 0; index < 60; index += 1) succeed(`a${index}`);
    await drawn();
    scroller().scrollTop = 960;
    await drawn();
    const row = root.getElementById('a33')!;
    const before = row.getBoundingClientRect().top;
    for (let index = 0; index < 7; index += 1) succeed(`b${index}`);
    await drawn();

    expect(rows().length).toBeLessThan(30);
    expect(root.getElementById('a33')!.getBoundingClientRect().top).toBeCloseTo(before, 0);
  });

  it('follows through a flood of requests', async () => {
    draw();
    for (let frame = 0; frame < 20; frame += 1) {
      for (let index = 0; index < 37; index += 1) succeed(`${frame} ${index}`);
      await frames(1);
    }
    await drawn();

    expect(button('Follow').ariaPressed).toBe('true');
    expect(scroller().scrollTop + scroller().clientHeight).toBeGreaterThan(scroller().scrollHeight - 4);
  });

  it('keeps the picture while it is paused, and shows what came when it goes on', async () => {
    draw();
    succeed('a');
    await drawn();
    button('Pause').click();
    succeed('b');
    await drawn();
    expect(rows().length).toBe(1);

    button('Pause').click();
    await drawn();
    expect(rows().length).toBe(2);
  });

  it('lets a bar grow while its attempt is under way', async () => {
    draw();
    events$.next(eventOf('start', 1, Date.now() - 500, {}));
    await drawn();
    const widthOf = (): number => bars(0)[0]!.getBoundingClientRect().width;
    const width = widthOf();
    while (widthOf() === width) await frames(1);

    expect(widthOf()).not.toBe(width);
  });

  describe('by keyboard', () => {
    beforeEach(async () => {
      draw();
      succeed('a');
      fail('b');
      succeed('c');
      await drawn();
    });

    it('has one row in the order of Tab, and moves between rows and bars by arrows', () => {
      expect(rows().filter(({ tabIndex }) => tabIndex === 0).length).toBe(1);
      rows()[0]!.focus();
      press('ArrowDown');
      expect(root.activeElement).toBe(rows()[1]!);
      press('ArrowRight');
      press('ArrowRight');
      expect(root.activeElement).toBe(bars(1)[1]!);
      press('ArrowLeft');
      press('ArrowLeft');
      expect(root.activeElement).toBe(rows()[1]!);
      press('End');
      expect(root.activeElement).toBe(rows()[2]!);
      press('Home');
      expect([root.activeElement, rows().map(({ tabIndex }) => tabIndex)]).toEqual([rows()[0]!, [0, -1, -1]]);
    });

    it('tells the whole story of what has the focus, and closes it by Escape', () => {
      rows()[1]!.focus();

      expect(tip().hidden).toBeFalse();
      expect(tip().textContent.split('\n').slice(2)).toEqual([
        '+0 ms\tattempt 1: 503 after 100 ms, headers after 90 ms',
        '+100 ms\twaiting for 100 ms',
        '+200 ms\theld by rate-limit for 100 ms',
        '+300 ms\tattempt 2: 503 after 100 ms',
        '+400 ms\twaiting for 100 ms',
        '+500 ms\tattempt 3: timeout after 1.8 s (no data received for 1800 ms (timeout))',
        '+700 ms\thedge of attempt 3: superseded after 1.6 s, to https://eu.test/users',
        'failed after 2.3 s: attempts',
      ]);
      press('Escape');
      expect([tip().hidden, root.activeElement]).toEqual([true, rows()[1]!]);
    });

    for (const key of ['Enter', ' ']) {
      it(`moves the focus into the story by ${key === ' ' ? 'Space' : key}, and back by Escape`, () => {
        rows()[1]!.focus();
        press('ArrowRight');
        press(key);
        expect(root.activeElement).toBe(tip());
        press('Escape');
        expect([tip().hidden, root.activeElement]).toEqual([true, bars(1)[0]!]);
      });
    }

    it('stops following, so that the row with the focus does not move away', () => {
      rows()[1]!.focus();

      expect(button('Follow').ariaPressed).toBe('false');
    });

    it('leaves keys alone that it has no use for, and Escape while no story is open', () => {
      rows()[1]!.focus();
      press('Escape');
      for (const key of ['Escape', 'a', 'F5', 'Tab']) {
        const event = new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true });
        rows()[1]!.dispatchEvent(event);
        expect(event.defaultPrevented).withContext(key).toBeFalse();
      }
    });

    it('keeps the focus on its row while others come, and are scrolled into view', async () => {
      rows()[1]!.focus();
      for (let index = 0; index < 50; index += 1) succeed(`d${index}`);
      await drawn();
      scroller().scrollTop = 33;
      await drawn();

      expect([root.activeElement!.id, root.activeElement!.ariaLabel!.includes('3 attempts')]).toEqual(['b', true]);
    });

    it('reaches every row by arrows, also those that are not drawn yet', async () => {
      for (let index = 0; index < 50; index += 1) succeed(`d${index}`);
      await drawn();
      rows()[0]!.focus();
      press('Home');
      const seen: string[] = [];
      for (let step = 0; step < 52; step += 1) {
        press('ArrowDown');
        seen.push(root.activeElement!.id);
        await drawn();
      }

      expect(seen).toEqual(['b', 'c', ...Array.from({ length: 50 }, (_, index) => `d${index}`)]);
      press('Home');
      expect(root.activeElement!.id).toBe('a');
      press('End');
      expect(root.activeElement!.id).toBe('d49');
    }, 30_000);

    it('keeps the focus in the picture when the row that has it is dropped', async () => {
      rows()[0]!.focus();
      for (let index = 0; index < 200; index += 1) succeed(`d${index}`);
      await drawn();

      expect(root.activeElement?.className).toBe('grid');
      press('ArrowUp');
      expect(root.activeElement?.classList).toContain('row');
    });
  });

  it('tells the story of what is pointed at, until the pointer leaves', async () => {
    draw();
    fail('a');
    await drawn();
    bars(0)[0]!.dispatchEvent(new PointerEvent('pointerover', { bubbles: true, clientX: 300 }));
    expect(tip().hidden).toBeFalse();
    expect(tip().textContent).toContain('▸+0 ms\tattempt 1');

    element.firstElementChild!.dispatchEvent(new PointerEvent('pointerleave'));
    expect(tip().hidden).toBeTrue();
  });

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [320, 900]) {
      it(`has nothing that axe finds, ${scheme} and ${width} px wide`, async () => {
        element.style.width = `${width}px`;
        draw();
        element.querySelector<HTMLElement>('.rxjs-retry-client-waterfall')!.style.colorScheme = scheme;
        for (let index = 0; index < 20; index += 1) succeed(`a${index}`);
        fail('b');
        events$.next(eventOf('start', 1, start, {}, { requestId: 'c' }));
        events$.next(eventOf('start', 1, start, {}, { requestId: 'd' }));
        events$.next(eventOf('cancel', 1, start, { elapsed: 400, total: 400 }, { requestId: 'd' }));
        await drawn();
        rows().at(-2)!.focus();
        // Those of a whole page: a picture is a part of one.
        const rules = { region: { enabled: false } };
        const { violations, passes } = await axe.run(element, { rules });

        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([]);
        expect(passes.map(({ id }) => id)).toContain('color-contrast');
      }, 30_000);
    }
  }

  it('needs no room beyond 320 px', async () => {
    element.style.width = '320px';
    draw();
    fail('a');
    await drawn();

    expect(scroller().scrollWidth).toBeLessThanOrEqual(320);
    expect(element.scrollWidth).toBeLessThanOrEqual(320);
  });

  it('removes everything on unsubscribing, and draws nothing from then on', async () => {
    const added = spyOn(document, 'addEventListener').and.callThrough();
    const removed = spyOn(document, 'removeEventListener').and.callThrough();
    element.textContent = 'before';
    draw();
    events$.next(eventOf('start', 1, start, {}));
    await drawn();
    const request = spyOn(window, 'requestAnimationFrame').and.callThrough();
    stop();
    events$.next(eventOf('start', 1, start, {}, { requestId: 'late' }));
    await new Promise((resolve) => {
      setTimeout(resolve, 250);
    });

    expect(request).not.toHaveBeenCalled();
    expect([element.innerHTML, events$.observed]).toEqual(['before', false]);
    expect(removed.calls.allArgs()).toEqual(added.calls.allArgs());
  });

  it('stays when the events complete, and is removed on unsubscribing then', async () => {
    draw();
    succeed('a');
    events$.complete();
    await drawn();
    expect(rows().length).toBe(1);

    stop();
    expect(element.childElementCount).toBe(0);
  });

  it('can be unsubscribed from while a source emits, in an event', () => {
    const source = new Observable<Event>((subscriber) => {
      subscriber.next(eventOf('start', 1, start, {}));
      return events$.subscribe(() => {
        stop();
      });
    });
    const subscription = waterfall(element, source);
    stop = () => {
      subscription.unsubscribe();
    };
    succeed('a');

    expect(element.childElementCount).toBe(0);
  });

  it('hands an error of the events to RxJS, as one that nobody handles, and stays', async () => {
    const reported: unknown[] = [];
    const { onUnhandledError } = config;
    config.onUnhandledError = (error) => reported.push(error);
    const error = new Error('of the events');
    const subscription = waterfall(
      element,
      throwError(() => error),
    );
    stop = () => {
      subscription.unsubscribe();
    };
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    config.onUnhandledError = onUnhandledError;

    expect(reported).toEqual([error]);
    expect(element.childElementCount).toBe(1);
  });

  it('works in an element of another window', async () => {
    const frame = document.createElement('iframe');
    element.append(frame);
    const inside = frame.contentDocument!.body;
    const subscription = waterfall(inside, events$);
    stop = () => {
      subscription.unsubscribe();
    };
    succeed('a');
    root = inside.querySelector('div')!.shadowRoot!;
    await drawn(3);

    expect(inside.querySelector('div')!.shadowRoot!.querySelectorAll('.row[id]').length).toBe(1);
  });

  it('refuses what is no element, and options that it does not know, by name', () => {
    stop = () => undefined;
    const call = (target: unknown, options?: object, source: unknown = events$): void => {
      waterfall(target as Element, source as Subject<Event>, options).unsubscribe();
    };
    const refuse = (kind: ErrorConstructor, parts: readonly string[], ...args: Parameters<typeof call>): void => {
      expectRefusal(
        () => {
          call(...args);
        },
        [kind],
        ...parts,
      );
    };
    refuse(TypeError, ['element', 'null', 'an Element'], null);
    refuse(TypeError, ['element', "'#requests'"], '#requests');
    refuse(TypeError, ['element'], document);
    refuse(TypeError, ['attempts$', 'undefined'], element, undefined, null);
    refuse(TypeError, ['unknown option "row"', 'rows, follow'], element, { row: 5 });
    refuse(TypeError, ['follow', '1', 'true or false'], element, { follow: 1 });
    for (const rows of [0, -1, 1.5, Infinity, NaN]) refuse(RangeError, ['rows', String(rows)], element, { rows });
    refuse(TypeError, ['options'], element, [] as object);
    expect(element.childElementCount).toBe(0);
    expect(events$.observed).toBeFalse();
  });
});
